//! Objects that travel between processes, as bytes: what passes carry, and what they return.
//!
//! Bytes may be damaged, so nothing that arrives is believed. What follows from the rest is not sent but found again,
//! and an object that comes back is looked at before anybody has it: its lengths agree, and no number in it lets a
//! later step leave its range. That values are those which were sent is not checked.
//!
//! The first byte is the number of the format, then comes what serde says of the object, in postcard's encoding: small
//! integers take one byte, and floats all of theirs.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The format of the bytes: another number whenever a type that travels has other fields.
pub const FORMAT: u8 = 1;

/// No object counts more rows than this, so that sums of them keep their range.
pub(crate) const MOST_ROWS: u64 = 1 << 48;

/// What travels.
pub trait Message: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Message for T {}

/// Why bytes are none of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are damaged, or of something else.
    Damaged,
    /// They are of this format, which is another one.
    Format(u8),
}

/// The bytes of an object.
pub fn to_bytes(message: &impl Message) -> Result<Vec<u8>, String> {
    postcard::to_extend(message, vec![FORMAT]).map_err(|error| error.to_string())
}

/// The object of some bytes.
pub fn from_bytes<T: Message>(bytes: &[u8]) -> Result<T, Refused> {
    match bytes.split_first() {
        Some((&FORMAT, rest)) => match postcard::take_from_bytes(rest) {
            Ok((message, [])) => Ok(message),
            _ => Err(Refused::Damaged),
        },
        Some((&format, _)) => Err(Refused::Format(format)),
        None => Err(Refused::Damaged),
    }
}

/// Lets a type with `fn checked(self) -> Result<Self, &'static str>` travel, and be looked at when it arrives. The type
/// derives both of serde's traits under `#[serde(remote = "Self")]`, which makes them functions of its own: these are
/// called here.
macro_rules! checked {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::deserialize(deserializer)?.checked().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use checked;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(remote = "Self")]
    struct Pair {
        low: u64,
        high: u64,
    }

    checked!(Pair);

    impl Pair {
        fn checked(self) -> Result<Self, &'static str> {
            if self.low <= self.high { Ok(self) } else { Err("out of order") }
        }
    }

    #[test]
    fn what_arrives_is_what_was_sent_or_refused() {
        let bytes = to_bytes(&Pair { low: 3, high: 300 }).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(Pair { low: 3, high: 300 }));
        assert_eq!(from_bytes::<Pair>(&bytes[..bytes.len() - 1]), Err(Refused::Damaged));
        assert_eq!(from_bytes::<Pair>(&[&bytes[..], &[0]].concat()), Err(Refused::Damaged));
        assert_eq!(from_bytes::<Pair>(&[]), Err(Refused::Damaged));
        assert_eq!(from_bytes::<Pair>(&[FORMAT + 1, 3, 4]), Err(Refused::Format(FORMAT + 1)));
        assert_eq!(from_bytes::<Pair>(&[FORMAT, 4, 3]), Err(Refused::Damaged));
    }
}
