//! Which way a request takes: straight, or through a proxy.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

/// Answers one request with `answer` and gives its first line.
fn listen_once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        // The rest of the head; what follows of a body nobody needs.
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        (&stream).write_all(answer.as_bytes()).unwrap();
        first
    });
    (address, served)
}

fn send(url: &str, network: &Network) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Collector::new(url, None, network).unwrap().send(b"batch".to_vec()))
}

#[test]
fn a_proxy_is_asked_for_the_collector_and_its_refusal_is_said() {
    let (address, served) =
        listen_once("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let network = Network { proxy: Some(format!("http://{address}")), ca_file: None };
    let outcome = send("https://collector.example:8443", &network);
    assert_eq!(served.join().unwrap(), "CONNECT collector.example:8443 HTTP/1.1");
    assert!(matches!(&outcome, Outcome::Unreachable(why) if why.contains("proxy")), "{outcome:?}");
}

#[test]
fn loopback_needs_no_proxy() {
    let (address, served) = listen_once("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    // Port 1 of loopback: nobody listens.
    let network = Network { proxy: Some("http://127.0.0.1:1".into()), ca_file: None };
    let outcome = send(&format!("http://{address}"), &network);
    assert_eq!(served.join().unwrap(), "POST /v1/batches HTTP/1.1");
    assert!(matches!(outcome, Outcome::Refused { status: 503, retry_after_s: Some(7), .. }), "{outcome:?}");
}

#[test]
fn a_proxy_that_is_no_address_is_said_at_once() {
    let network = Network { proxy: Some("::".into()), ca_file: None };
    let error = Collector::new("https://collector.example", None, &network).unwrap_err();
    assert!(error.starts_with("proxy: "), "{error}");
}
