/**
 * Where an instance is: the name that it was given by, the address that this was looked up to, the port.
 * Where names are not resolved, both are the same IP address. Source: sentinelAddr in sentinel.c of Redis 7.0.
 */
import { type Bytes, lower } from '../core/bytes.ts';

export interface InstanceAddress {
  readonly hostname: Bytes;
  /** Empty while the name could not be looked up. */
  readonly ip: Bytes;
  readonly port: number;
}

export const sameAddress = (left: InstanceAddress, right: InstanceAddress): boolean =>
  left.port === right.port && (left.ip === right.ip || lower(left.hostname) === lower(right.hostname));
