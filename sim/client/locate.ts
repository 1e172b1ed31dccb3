/** How a client gets to its server, by what the scenario says: the one place that tells the ways apart. */
import type { Host } from '../../engine/index.ts';
import type { Locator } from '../scenario.ts';
import { ClusterClient } from './clusterClient.ts';
import { authGreetings } from './greetings.ts';
import { parseServerName } from './redisClient.ts';
import { SentinelClient } from './sentinelClient.ts';
import { SentinelOnceClient } from './sentinelOnceClient.ts';
import { NamedClient, type ServerClient, type ServerClientEvents } from './serverClient.ts';

/** A client that is not connected yet. `connectTimeoutMs` is for the server, greetings included; sentinels have their own. */
export const locatedClient = (
  host: Host, locator: Locator, connectTimeoutMs: number, events: ServerClientEvents,
): ServerClient => {
  const { password } = locator;
  if (locator.sentinel !== undefined) return new SentinelClient(host, locator.sentinel, password, connectTimeoutMs, events);
  if (locator.sentinelOnce !== undefined) {
    return new SentinelOnceClient(host, locator.sentinelOnce, password, connectTimeoutMs, events);
  }
  if (locator.cluster !== undefined) return new ClusterClient(host, locator.cluster.nodes, password, connectTimeoutMs, events);
  return new NamedClient(host, parseServerName(locator.server), connectTimeoutMs, events, authGreetings(password));
};

/** The way of a client that comes fresh to the same service: what was once asked, long ago, is asked again. */
export const freshLocator = (locator: Locator): Locator => {
  const { password } = locator;
  if (locator.server !== undefined) return withPassword({ server: locator.server }, password);
  if (locator.cluster !== undefined) return withPassword({ cluster: locator.cluster }, password);
  return withPassword({ sentinel: { ...(locator.sentinel ?? locator.sentinelOnce), listens: false } }, password);
};

const withPassword = (choice: Locator, password: string | undefined): Locator =>
  (password === undefined ? choice : { ...choice, password });

/** In words: the server, or whose sentinels are asked. */
export const describeLocator = ({ server, sentinel, sentinelOnce, cluster }: Locator): string => {
  if (server !== undefined) return server;
  if (cluster !== undefined) return `the cluster of ${cluster.nodes.join(', ')}`;
  if (sentinel !== undefined) return `${sentinel.name} by its sentinels${sentinel.listens ? ', listening' : ''}`;
  return `${sentinelOnce.name} by its sentinels, asked once`;
};
