//! Finds the SubjectPublicKeyInfo in an X.509 certificate: seventh element of its inner sequence, or sixth where the
//! version is left out (RFC 5280, 4.1). Enough DER for that, and no more.
// SPDX-License-Identifier: Apache-2.0

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
/// Serial number, signature, issuer, validity, subject.
const BEFORE: usize = 5;

/// The element, with its tag and length; `None` where the bytes are no certificate.
pub(super) fn of(certificate: &[u8]) -> Option<&[u8]> {
    let outer = content(element(certificate)?)?;
    let mut rest = content(element(outer)?)?;
    if rest.first() == Some(&VERSION) {
        rest = &rest[element(rest)?.len()..];
    }
    for _ in 0..BEFORE {
        rest = &rest[element(rest)?.len()..];
    }
    element(rest).filter(|spki| spki.first() == Some(&SEQUENCE))
}

/// The first element of some bytes, whole.
fn element(bytes: &[u8]) -> Option<&[u8]> {
    let (header, length) = header(bytes)?;
    bytes.get(..header.checked_add(length)?)
}

/// What stands within a sequence.
fn content(element: &[u8]) -> Option<&[u8]> {
    let (header, _) = header(element)?;
    element.get(header..)
}

/// Bytes of tag and length, and the length.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.get(1)?;
    if first < 0x80 {
        return Some((2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    let digits = bytes.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
    let length = digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
    Some((2 + count, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::PublicKeyData as _;

    #[test]
    fn it_is_found_in_a_certificate() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec!["a.example".into()]).unwrap().self_signed(&key).unwrap();
        assert_eq!(of(certificate.der()).unwrap(), key.subject_public_key_info());
    }

    proptest! {
        #[test]
        fn any_bytes_are_bounded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = of(&bytes);
        }
    }
}
