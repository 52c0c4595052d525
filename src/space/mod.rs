//! The algebra of packets.
