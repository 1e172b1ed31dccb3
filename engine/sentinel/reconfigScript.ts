/** The client-reconfig script: tells a program of the operator's that a primary has moved. Source: sentinel.c of Redis 7.0. */
import { bytes } from '../core/bytes.ts';
import type { InstanceAddress } from './address.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

export const callReconfigScript = (
  sentinel: Sentinel, primary: WatchedPrimary, role: 'leader' | 'observer', from: InstanceAddress, to: InstanceAddress,
): void => {
  const script = primary.options.clientReconfigScript;
  if (script === null) return;
  sentinel.scripts.add(script, [
    primary.name, bytes(role), bytes('start'), sentinel.shown(from), bytes(String(from.port)), sentinel.shown(to),
    bytes(String(to.port)),
  ]);
};
