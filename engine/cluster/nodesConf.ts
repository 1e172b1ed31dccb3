/**
 * nodes.conf: what a node must not forget. A line for each node, then `vars`.
 *
 *     <name> <ip>:<port>@<bus port>[,<hostname>] <flags> <primary or -> <ping sent> <pong received> <config epoch> <link> <slots…>
 *     vars currentEpoch <epoch> lastVoteEpoch <epoch>
 *
 * Source: clusterLoadConfig, clusterGenNodesDescription in cluster.c of Redis 7.0.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { parseSafeInteger } from '../core/integers.ts';
import { roleWord } from '../protocol/wireNames.ts';
import { NODE_NAME_LENGTH } from './busWire.ts';
import { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { SLOTS } from './slots.ts';

/** The line of one node, as CLUSTER NODES shows it and the file keeps it. */
export const describeNode = (state: ClusterState, node: ClusterNode): Bytes => {
  const link = node.link !== null || node.isMyself ? 'connected' : 'disconnected';
  const words = [
    node.name, `${node.ip}:${node.port}@${node.busPort}${node.hostname === EMPTY ? '' : `,${node.hostname}`}`, flagWords(node),
    node.primary?.name ?? '-', String(node.pingSentMs), String(node.pongReceivedMs), String(epochOf(node)), link,
  ];
  for (const [first, last] of node.slots.ranges()) words.push(first === last ? String(first) : `${first}-${last}`);
  if (node.isMyself) {
    const moving = new Map<number, string>();
    for (const [slot, to] of state.migratingTo) moving.set(slot, `[${slot}->-${to.name}]`);
    for (const [slot, from] of state.importingFrom) moving.set(slot, `[${slot}-<-${from.name}]`);
    words.push(...[...moving].sort(([left], [right]) => left - right).map(([, word]) => word));
  }
  return bytes(words.join(' '));
};

/** A replica shows its primary's. */
const epochOf = (node: ClusterNode): number =>
  (!node.isPrimary && node.primary !== null ? node.primary.configEpoch : node.configEpoch);

/** `myself,master`; in the order that Redis writes them. */
const flagWords = (node: ClusterNode): string => {
  const words: string[] = [];
  if (node.isMyself) words.push('myself');
  // Its role is told by the answer to the handshake.
  if (!node.isHandshake) words.push(roleWord(node.role));
  if (node.isPfail) words.push('fail?');
  if (node.isFail) words.push('fail');
  if (node.isHandshake) words.push('handshake');
  if (node.hasNoAddress) words.push('noaddr');
  if (node.neverFailsOver) words.push('nofailover');
  return words.join(',');
};

/** CLUSTER NODES; nodes in a handshake are not in the file. */
export const describeNodes = (state: ClusterState, withHandshakes: boolean): Bytes => bytes([...state.nodes.values()]
  .filter((node) => withHandshakes || !node.isHandshake).map((node) => `${describeNode(state, node)}\n`).join(''));

export const nodesConfText = (state: ClusterState): Bytes => bytes(
  `${describeNodes(state, false)}vars currentEpoch ${state.currentEpoch} lastVoteEpoch ${state.lastVoteEpoch}\n`);

/** Who we are, by the file. Throws `ConfigError`, with the line; also where nobody is `myself`. */
export const ownName = (text: Bytes, file: string): Bytes => {
  for (const { words, place } of linesOf(text, file)) {
    if (words[0] === 'vars') continue;
    if ((words[2] ?? '').split(',').includes('myself')) return nameOf(words[0] as Bytes, place);
  }
  throw damaged(`all of ${file}`, 'nobody is called myself');
};

interface Line {
  readonly words: readonly Bytes[];
  readonly place: string;
}

function* linesOf(text: Bytes, file: string): Generator<Line, void> {
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] as string).trim();
    if (line !== '') yield { words: line.split(/ +/) as Bytes[], place: `line ${index + 1} of ${file}: '${line.slice(0, 80)}'` };
  }
}

const damaged = (place: string, why: string): ConfigError =>
  new ConfigError(`Unrecoverable error: corrupted cluster config file, ${place}: ${why}`);

const nameOf = (word: Bytes, place: string): Bytes => {
  if (word.length !== NODE_NAME_LENGTH || !/^[0-9a-f]+$/.test(word)) throw damaged(place, `'${word}' is no node name`);
  return word;
};

const numberOf = (word: string | undefined, place: string): number => {
  const value = parseSafeInteger(bytes(word ?? ''));
  if (value === null || value < 0) throw damaged(place, `'${word ?? ''}' is no number`);
  return value;
};

/** Fills a fresh state, whose own node has the name that the file gives it. Throws `ConfigError`, with the line. */
export const loadNodesConf = (state: ClusterState, text: Bytes, file: string): void => {
  if (text !== EMPTY && !text.endsWith('\n')) throw damaged(`the end of ${file}`, 'the last line is cut off');
  for (const { words, place } of linesOf(text, file)) {
    if (words[0] === 'vars') loadVars(state, words, place);
    else loadNode(state, words, place);
  }
  // A configuration that is newer than our epoch makes that the current one.
  for (const node of state.nodes.values()) state.currentEpoch = Math.max(state.currentEpoch, node.configEpoch);
};

const loadVars = (state: ClusterState, words: readonly Bytes[], place: string): void => {
  if (words.length % 2 === 0) throw damaged(place, 'a variable without a value');
  for (let index = 1; index < words.length; index += 2) {
    const value = numberOf(words[index + 1], place);
    if (words[index] === 'currentEpoch') state.currentEpoch = value;
    else if (words[index] === 'lastVoteEpoch') state.lastVoteEpoch = value;
  }
};

const WORDS_MIN = 8;

const loadNode = (state: ClusterState, words: readonly Bytes[], place: string): void => {
  if (words.length < WORDS_MIN) throw damaged(place, 'too few words');
  const [name, address, flags, primary, pingSent, pongReceived, configEpoch] = words as readonly [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  const node = nodeCalled(state, nameOf(name, place));
  const match = /^([^@,]*):([0-9]+)(?:@([0-9]+))?(?:,([^,]*))?/.exec(address);
  if (match === null) throw damaged(place, `'${address}' is no address`);
  node.ip = bytes(match[1] as string);
  node.port = numberOf(match[2], place);
  node.busPort = match[3] === undefined ? node.port + 10_000 : numberOf(match[3], place);
  node.hostname = bytes(match[4] ?? '');
  loadFlags(state, node, flags, place);
  if (primary !== '-') state.setPrimaryOf(node, nodeCalled(state, nameOf(primary, place)));
  if (numberOf(pingSent, place) > 0) node.pingSentMs = state.nowMs;
  if (numberOf(pongReceived, place) > 0) node.pongReceivedMs = state.nowMs;
  node.configEpoch = numberOf(configEpoch, place);
  for (const word of words.slice(WORDS_MIN)) loadSlots(state, node, word, place);
};

const nodeCalled = (state: ClusterState, name: Bytes): ClusterNode => {
  const known = state.nodes.get(name);
  if (known !== undefined) return known;
  const node = new ClusterNode(name, state.nowMs);
  state.addNode(node);
  return node;
};

const loadFlags = (state: ClusterState, node: ClusterNode, flags: Bytes, place: string): void => {
  for (const flag of flags.split(',')) {
    switch (flag) {
      case 'myself': if (node !== state.myself) throw damaged(place, 'two nodes are called myself'); break;
      case roleWord('primary'): node.role = 'primary'; break;
      case roleWord('replica'): node.role = 'replica'; break;
      case 'fail?': node.isPfail = true; break;
      case 'fail': node.isFail = true; node.failMs = state.nowMs; break;
      case 'handshake': node.isHandshake = true; break;
      case 'noaddr': node.hasNoAddress = true; break;
      case 'nofailover': node.neverFailsOver = true; break;
      case 'noflags': break;
      default: throw damaged(place, `unknown flag '${flag}'`);
    }
  }
};

/** `5`, `0-5460`, `[77->-name]`, `[77-<-name]`. */
const loadSlots = (state: ClusterState, node: ClusterNode, word: Bytes, place: string): void => {
  const moving = /^\[([0-9]+)-([<>])-([0-9a-f]{40})\]$/.exec(word);
  if (moving !== null) {
    const slot = slotOf(moving[1], place);
    const other = nodeCalled(state, bytes(moving[3] as string));
    (moving[2] === '>' ? state.migratingTo : state.importingFrom).set(slot, other);
    return;
  }
  const range = /^([0-9]+)(?:-([0-9]+))?$/.exec(word);
  if (range === null) throw damaged(place, `'${word}' is no slot`);
  const first = slotOf(range[1], place);
  const last = range[2] === undefined ? first : slotOf(range[2], place);
  for (let slot = first; slot <= last; slot++) state.assignSlot(slot, node);
};

const slotOf = (word: string | undefined, place: string): number => {
  const slot = numberOf(word, place);
  if (slot >= SLOTS) throw damaged(place, `there is no slot ${slot}`);
  return slot;
};
