/**
 * Where a client connects, as a stranger's scenario writes it: exactly one of `server`, `sentinel`, `sentinelOnce` and `cluster`, and
 * what is said there first. Errors as in `validateScenario.ts`.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ClusterService, FollowedService, Locator, SentinelService, ServerChoice } from './scenario.ts';
import {
  type Fields, checkText, has, pathOf, readBoolean, readList, readName, readObject, readText, reject, valueOf,
} from './topology/fields.ts';

export const SENTINELS_MAX = 16;
export const CLUSTER_NODES_MAX = 512;

const CHOICES = ['server', 'sentinel', 'sentinelOnce', 'cluster'] as const satisfies readonly (keyof ServerChoice)[];

/** Fields of a client or probe that are read here. */
export const LOCATOR_FIELDS: readonly (keyof Locator)[] = [...CHOICES, 'password'];

export const readLocator = (fields: Fields): Locator => {
  const [choice, second] = CHOICES.filter((name) => has(fields, name));
  if (choice === undefined) throw reject(fields, 'server', `is missing, and so are ${CHOICES.slice(1).join(' and ')}`);
  if (second !== undefined) throw reject(fields, second, `contradicts ${choice}: there is one way to the server`);
  const chosen = readChosen(fields, choice);
  return has(fields, 'password') ? { ...chosen, password: readPassword(fields) } : chosen;
};

const readChosen = (fields: Fields, choice: keyof ServerChoice): ServerChoice => {
  const value = valueOf(fields, choice);
  const path = pathOf(fields, choice);
  switch (choice) {
    case 'server': return { server: checkServer(value, path) };
    case 'sentinel': return { sentinel: readFollowed(value, path) };
    case 'sentinelOnce': return { sentinelOnce: readService(readObject(value, path, SERVICE_FIELDS)) };
    case 'cluster': return { cluster: readCluster(readObject(value, path, ['nodes'])) };
  }
};

const SERVICE_FIELDS: readonly string[] = ['name', 'sentinels', 'password'];

const readFollowed = (value: unknown, path: string): FollowedService => {
  const fields = readObject(value, path, [...SERVICE_FIELDS, 'listens']);
  return { ...readService(fields), listens: readBoolean(fields, 'listens') };
};

const readService = (fields: Fields): SentinelService => {
  const name = readName(fields, 'name');
  const sentinels = readServers(fields, 'sentinels', SENTINELS_MAX);
  return { name, sentinels, ...(has(fields, 'password') ? { password: readPassword(fields) } : {}) };
};

const readCluster = (fields: Fields): ClusterService => ({ nodes: readServers(fields, 'nodes', CLUSTER_NODES_MAX) });

/** At least one, and each once. */
const readServers = (fields: Fields, name: string, max: number): readonly string[] => {
  const servers = readList(fields, name, max, checkServer);
  if (servers.length === 0) throw reject(fields, name, 'must name at least one');
  const twice = servers.findIndex((server, index) => servers.indexOf(server) !== index);
  if (twice >= 0) throw reject(fields, `${name}[${twice}]`, `'${servers[twice] ?? ''}' is given twice`);
  return servers;
};

const readPassword = (fields: Fields): string => {
  const password = readText(fields, 'password');
  if (password === '') throw reject(fields, 'password', 'must not be empty');
  return password;
};

export const checkServer = (value: unknown, path: string): string => {
  const server = checkText(value, path);
  const port = /^[A-Za-z0-9._-]{1,63}:(\d{1,5})$/.exec(server)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65535) {
    throw new ScenarioError(`${path}: '${server}' is not host:port`);
  }
  return server;
};
