/**
 * The commands of a sentinel as rights are given for them: those that a server has too, and its own. Data, taken from redis-server
 * 7.0.15's answer to COMMAND LIST in sentinel mode; those that we lacked would stand here too, and be of no effect.
 */
import { COMMAND_FACTS } from './commandFacts.ts';

const NAMES: readonly string[] = [
  'acl', 'acl|cat', 'acl|deluser', 'acl|dryrun', 'acl|genpass', 'acl|getuser', 'acl|help', 'acl|list', 'acl|load',
  'acl|log', 'acl|save', 'acl|setuser', 'acl|users', 'acl|whoami', 'auth', 'client', 'client|caching',
  'client|getname', 'client|getredir', 'client|help', 'client|id', 'client|info', 'client|kill', 'client|list',
  'client|no-evict', 'client|pause', 'client|reply', 'client|setname', 'client|tracking', 'client|trackinginfo',
  'client|unblock', 'client|unpause', 'command', 'command|count', 'command|docs', 'command|getkeys',
  'command|getkeysandflags', 'command|help', 'command|info', 'command|list', 'hello', 'info', 'ping', 'psubscribe',
  'publish', 'punsubscribe', 'role', 'sentinel', 'sentinel|ckquorum', 'sentinel|config', 'sentinel|debug',
  'sentinel|failover', 'sentinel|flushconfig', 'sentinel|get-master-addr-by-name', 'sentinel|help',
  'sentinel|info-cache', 'sentinel|is-master-down-by-addr', 'sentinel|master', 'sentinel|masters', 'sentinel|monitor',
  'sentinel|myid', 'sentinel|pending-scripts', 'sentinel|remove', 'sentinel|replicas', 'sentinel|reset',
  'sentinel|sentinels', 'sentinel|set', 'sentinel|simulate-failure', 'sentinel|slaves', 'shutdown', 'subscribe',
  'unsubscribe',
];

/** Lines as those of `commandFacts.ts`. */
export const sentinelFacts = (): readonly string[] => [
  ...COMMAND_FACTS.filter((fact) => NAMES.includes(fact.slice(0, fact.indexOf(';')))),
  ...NAMES.filter((name) => name.startsWith('sentinel')).map((name) => `${name}; ${name === 'sentinel|help' ? 'slow' : 'admin slow dangerous'}; ;`),
];
