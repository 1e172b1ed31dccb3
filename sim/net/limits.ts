/**
 * Every bound and waiting time of the virtual TCP, by name. They are Linux's defaults, rounded where it tunes itself.
 * Source: tcp(7), RFC 6298, the kernel's documentation of `net.ipv4.tcp_*`.
 */

/** What a sender's kernel holds before `write` answers false. */
export const SEND_BUFFER_BYTES: number = 4 * 1024 * 1024;
/** What was sent and not yet read: on the wire and in the receiver's buffer together. */
export const RECEIVE_BUFFER_BYTES: number = 3 * 1024 * 1024;
/** A blocked writer is woken when its buffer is no fuller than this. */
export const SEND_BUFFER_WAKE_BYTES: number = Math.floor((SEND_BUFFER_BYTES * 2) / 3);
/** One segment event carries at most this (what the kernel hands to a network card at once). */
export const SEGMENT_BYTES_MAX: number = 64 * 1024;
/** One turn reads at most this from one connection. */
export const READ_BYTES_MAX: number = 64 * 1024;
/** Connections that wait to be accepted by one listener: Redis's `tcp-backlog`. */
export const ACCEPT_QUEUE_MAX = 511;

/** The first retransmission comes this long after the segment was sent; each further wait is twice as long. */
export const RETRANSMIT_FIRST_MICROS = 200_000;
export const RETRANSMIT_WAIT_MICROS_MAX = 120_000_000;
/** Unanswered retransmissions before a connection gives up: with the waits above after 924.6 s. */
export const RETRANSMITS_MAX = 15;
/** The same for a connection that its process has closed or left behind. */
export const ORPHAN_RETRANSMITS_MAX = 8;

/** Waits between attempts to connect: SYNs leave after 0, 1, 3, 7, 15, 31 and 63 s, and all is over at 127 s. */
export const SYN_FIRST_WAIT_MICROS = 1_000_000;
export const SYN_RETRIES_MAX = 6;

/** Keepalive: unanswered probes before the connection is given up, a third of the idle time apart (as Redis sets it). */
export const KEEPALIVE_PROBES_MAX = 3;

export const EPHEMERAL_PORT_FIRST = 32768;
export const EPHEMERAL_PORT_LAST = 60999;

/** 10 Gbit/s. */
export const BANDWIDTH_BYTES_PER_MS = 1_250_000;
