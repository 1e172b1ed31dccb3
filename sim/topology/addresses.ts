/** The addresses of machines that nobody gave one: IPv4, numbered in the order in which the machines are named. */

/** The last number of an address that a machine may have; 0 and 255 are none. */
const HOSTS_PER_NETWORK = 254;

/** 10.0.0.1 to 10.0.0.254, then 10.0.1.1. `index` counts from 0. */
export const addressAt = (index: number): string =>
  `10.0.${Math.floor(index / HOSTS_PER_NETWORK)}.${(index % HOSTS_PER_NETWORK) + 1}`;

/** Whether it is written as an IPv4 address. */
export const isAddress = (text: string): boolean => {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
};

/** A name or an address by which a machine means itself. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isAddress(host) && host.startsWith('127.'));
