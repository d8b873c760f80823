//! A collector that listens: whether it is ready, and how long a connection may rest.
// SPDX-License-Identifier: Apache-2.0

use super::*;

#[tokio::test]
async fn readiness_tells_of_a_writer_that_does_not_write() {
    let site = Site::new();
    let ready = |writer: Option<Writer>| {
        let router = site.router(writer, Arc::clone(&site.store));
        let request = Request::get("/readyz").header(header::HOST, "c").body(Body::empty()).unwrap();
        let site = &site;
        async move { site.ask(router, NEAR, request).await.0 }
    };
    assert_eq!(ready(None).await, 200);
    assert_eq!(ready(Some(Writer::stopped())).await, 503);
    let panics = Writer::committing_by(9, |_| panic!("a store that panics"));
    assert_eq!(ready(Some(panics.clone())).await, 200);
    let verified = verify(&site.shared.engagements, &site.good(1), crate::clock::now()).unwrap();
    assert!(panics.commit(verified).await.is_err());
    assert_eq!(ready(Some(panics)).await, 503);
}

/// A connection is kept between two requests for longer than a head may take, and not for ever.
#[tokio::test(start_paused = true)]
async fn a_resting_connection_is_kept_for_a_while() {
    let site = Site::new();
    let (mut client, server) = duplex(1 << 16);
    let graceful = GracefulShutdown::new();
    let attended = site.visitor().attend(server, None, graceful.watcher());
    let talk = async {
        for rest_s in [0, 60, 95] {
            tokio::time::sleep(Duration::from_secs(rest_s)).await;
            client.write_all(b"GET /livez HTTP/1.1\r\nhost: c\r\n\r\n").await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"alive\n") {
                answer.push(client.read_u8().await.unwrap());
            }
            assert!(answer.starts_with(b"HTTP/1.1 200"));
        }
        let began = tokio::time::Instant::now();
        assert_eq!(heard(&mut client).await, "", "it ends without a word");
        began.elapsed()
    };
    let rested = tokio::join!(attended, talk).1;
    assert!((patience::IDLE_DEADLINE..patience::IDLE_DEADLINE * 2).contains(&rested), "{rested:?}");
    assert_eq!(site.count(Refusal::HeadersLate), 0);
}
