/**
 * Real servers in a virtual world, asked one command at a time: what tests of the server share. Nothing of the server is
 * replaced; time passes only while a test waits for something.
 */
import { type Directive, type Note, type PlantedBugs, type Reply, type WriteNote, bytes, createLuaEngine, micros, parseConfigText, startServer,
} from '../../../../engine/index.ts';
import { RedisClient } from '../../../../sim/client/redisClient.ts';
import type { Host } from '../../../../engine/host.ts';
import { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { Machine } from '../../../../sim/node/machine.ts';
import { type World, makeWorld, must } from '../../sim/echo.ts';

export const PORT = 6379;
const STEP_MICROS = 1000;
const STEPS_MAX = 60_000;

/** One server with its machine, and all that it noted. */
export interface Node {
  readonly process: SimProcess;
  readonly machine: Machine;
  readonly notes: Note[];
}

/** One client connection to one node. */
export class Session {
  private readonly world: World;
  private readonly process: SimProcess;
  private client: RedisClient | null = null;
  isLost = false;

  constructor(world: World, name: string, node: Node) {
    this.world = world;
    this.process = world.process(name, (host: Host) => {
      this.client = new RedisClient(host, 5000, { lost: () => {
        this.isLost = true;
      } });
      this.client.open({ host: node.machine.address, port: PORT });
    });
    this.process.start();
    this.until(() => this.client !== null && this.client.isOpen);
  }

  /** The answer to one command; undefined when the connection went instead. */
  ask(...words: readonly string[]): Reply | undefined {
    const replies = this.pipeline(words);
    return replies[0];
  }

  /** Sends several commands at once. */
  pipeline(...commands: readonly (readonly string[])[]): (Reply | undefined)[] {
    const replies: (Reply | undefined)[] = [];
    this.process.submit(() => {
      for (const words of commands) must(this.client).send(words.map((word) => bytes(word)), (reply) => replies.push(reply));
    });
    this.until(() => replies.length === commands.length);
    return replies;
  }

  /** Sends a command that has no answer. */
  tell(...words: readonly string[]): void {
    this.process.submit(() => must(this.client).send(words.map((word) => bytes(word)), () => {}));
    this.world.run(0.01);
  }

  private until(isDone: () => boolean): void {
    for (let step = 0; step < STEPS_MAX && !isDone(); step++) this.world.kernel.runUntil(micros(this.world.kernel.now + STEP_MICROS));
    if (!isDone()) throw new Error('the server never answered');
  }
}

export class Deployment {
  readonly world: World;
  private sessions = 0;

  constructor(seed = 1) {
    this.world = makeWorld(seed);
  }

  /** Starts a server with a configuration in the form of redis.conf. */
  server(name: string, configuration = '', bugs?: PlantedBugs): Node {
    const notes: Note[] = [];
    const machine = this.world.machine(`machine-${name}`);
    const directives: readonly Directive[] = parseConfigText(bytes(`protected-mode no\nsave ""\nenable-debug-command yes\nrepl-diskless-sync-delay 0\n${configuration}`), name);
    const process = new SimProcess(machine, {
      name,
      program: (host) => {
        startServer(host, directives, { keepsDigest: true, scripting: createLuaEngine, ...(bugs === undefined ? {} : { bugs }) });
      },
      notes: { note: (_process, note) => void notes.push(note) },
    });
    process.start();
    this.world.run(0.1);
    return { process, machine, notes };
  }

  session(node: Node): Session {
    this.sessions++;
    return new Session(this.world, `session-${this.sessions}`, node);
  }
}

/** What a node put into its stream since the test last looked, with line ends made visible: `MULTI | SET a 1 | EXEC`. */
export const takeStream = (node: Node): string[] => {
  const chunks = node.notes.flatMap((note) => (note.kind === 'stream' ? [note.chunk] : []));
  node.notes.length = 0;
  return chunks.map((chunk) => chunk.split(/\*\d+\r\n/).slice(1)
    .map((command) => command.split(/\$\d+\r\n/).slice(1).map((word) => word.slice(0, -2)).join(' ')).join(' | '));
};

export const writesOf = (node: Node): WriteNote[] => node.notes.flatMap((note) => (note.kind === 'write' ? [note] : []));

/** Text of an error reply or status. */
export const textOf = (reply: Reply | undefined): string => {
  if (reply !== null && typeof reply === 'object' && 'text' in reply) return reply.text;
  throw new Error(`not a status or an error: ${String(reply)}`);
};
