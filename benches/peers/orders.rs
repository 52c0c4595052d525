//! Orders of header fields that a diagram of bits could have. Which is best is looked at before anything is timed.

use super::bits::Field::{Destination, Port, Protocol, Source};
use super::bits::Order;

/// An order, as a type.
pub trait Layout {
    /// What it is called.
    const NAME: &'static str;
    /// The fields, first to last.
    const ORDER: Order;
}

/// Source, destination, protocol, port.
pub struct AddressesFirst;
/// Destination, source, protocol, port.
pub struct DestinationFirst;
/// Protocol, port, source, destination.
pub struct ServicesFirst;
/// Protocol, port, destination, source.
pub struct ServicesThenDestination;
/// Source, protocol, port, destination.
pub struct ServicesInside;
/// Destination, protocol, port, source.
pub struct SourceLast;

impl Layout for AddressesFirst {
    const NAME: &'static str = "source, destination, protocol, port";
    const ORDER: Order = Order([Source, Destination, Protocol, Port]);
}

impl Layout for DestinationFirst {
    const NAME: &'static str = "destination, source, protocol, port";
    const ORDER: Order = Order([Destination, Source, Protocol, Port]);
}

impl Layout for ServicesFirst {
    const NAME: &'static str = "protocol, port, source, destination";
    const ORDER: Order = Order([Protocol, Port, Source, Destination]);
}

impl Layout for ServicesThenDestination {
    const NAME: &'static str = "protocol, port, destination, source";
    const ORDER: Order = Order([Protocol, Port, Destination, Source]);
}

impl Layout for ServicesInside {
    const NAME: &'static str = "source, protocol, port, destination";
    const ORDER: Order = Order([Source, Protocol, Port, Destination]);
}

impl Layout for SourceLast {
    const NAME: &'static str = "destination, protocol, port, source";
    const ORDER: Order = Order([Destination, Protocol, Port, Source]);
}
