/**
 * The file of users (`aclfile`): read whole or not at all, and written anew by ACL SAVE.
 * Source: acl.c of Redis 7.0 (ACLLoadFromFile, ACLSaveToFile), for behaviour and messages.
 */
import type { Host } from '../host.ts';
import { type Bytes, EMPTY, bytes, concat } from '../core/bytes.ts';
import { fileProblem } from '../persistence/aofLoader.ts';
import { readWhole, replaceFile } from '../persistence/configRewrite.ts';
import { type Acl, joinSelectors } from './acl.ts';
import { UNKNOWN_COMMAND, hasSpaces } from './aclSelector.ts';
import { User } from './aclUser.ts';
import type { Config } from './config.ts';

const BOTH_SOURCES = 'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup '
  + 'is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your '
  + 'redis.conf, but not both.';
const UNCHANGED = 'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

/** The users that the file has; or what is wrong with it. */
export const readAclFile = (host: Host, acl: Acl, path: Bytes): ReadonlyMap<Bytes, User> | string => {
  let text: Bytes | null;
  try {
    text = readWhole(host, path);
  } catch (failure) {
    return `Error loading ACLs, opening file '${path}': ${fileProblem(failure)}`;
  }
  if (text === null) return `Error loading ACLs, opening file '${path}': No such file or directory`;
  const users = new Map<Bytes, User>();
  let complaints = '';
  for (const [index, untrimmed] of text.split('\n').entries()) {
    const line = untrimmed.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    if (line === '') continue;
    const user = userOf(acl, line, `${path}:${index + 1}`);
    if (typeof user === 'string') complaints += user;
    else if (users.has(user.name)) complaints += `WARNING: Duplicate user '${user.name}' found on line ${index + 1}. `;
    else users.set(user.name, user);
  }
  return complaints === '' ? users : complaints + UNCHANGED;
};

const userOf = (acl: Acl, line: string, place: string): User | string => {
  const [word, name, ...rules] = line.split(' ').map(bytes);
  if (word !== 'user' || name === undefined) return `${place} should start with user keyword followed by the username. `;
  if (hasSpaces(name)) return `${place}: username '${name}' contains invalid characters. `;
  const joined = joinSelectors(rules);
  if ('unclosed' in joined) return `${place}: Unmatched parentheses in selector definition.`;
  const user = acl.make(name, joined);
  return user instanceof User ? user : complaintsOf(acl, name, joined, place);
};

/** All commands that nobody knows, and the first other mistake: a password must not get into a message. */
const complaintsOf = (acl: Acl, name: Bytes, rules: readonly Bytes[], place: string): string => {
  let complaints = '';
  let hasOther = false;
  let good: User | null = null;
  for (const rule of rules) {
    const user: ReturnType<Acl['make']> = acl.make(name, [rule], good);
    if (user instanceof User) good = user;
    else if (user.reason === UNKNOWN_COMMAND) complaints += `${place}: Error in applying operation '${rule}': ${user.reason}. `;
    else if (!hasOther) {
      complaints += `${place}: ${user.reason}. `;
      hasOther = true;
    }
  }
  return complaints;
};

/** At the start. False: what is wrong is logged, and the process ends. */
export const loadAclAtStart = (host: Host, config: Config): boolean => {
  const path = config.text('aclfile');
  if (path === EMPTY) return true;
  const users = config.hasUserLines ? null : readAclFile(host, config.acl, path);
  if (users !== null && typeof users !== 'string') {
    config.acl.replaceAll(users);
    return true;
  }
  host.log('warning', users === null ? BOTH_SOURCES : `Aborting Redis startup because of ACL errors: ${users}`);
  host.exit(1);
  return false;
};

/** Throws `HostFileError`; the file is then as it was. */
export const writeAclFile = (host: Host, acl: Acl, path: Bytes): void =>
  replaceFile(host, path, concat(...acl.list().map((user) => bytes(`user ${user.name} ${user.describe()}\n`))));
