/**
 * Random writes to one server at full speed, from several connections, until they are stopped. What is sent follows from
 * the seed; how the connections interleave does not.
 */
import fc from 'fast-check';
import { ErrorReply } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type Words, anySelect, anyShortLived, anyTransaction, anyWrite } from './randomCommands.ts';

/** Each has a seed of its own: the load's, and the next ones. */
export const CONNECTIONS = 3;
/** Commands that a connection repeats, in ever the same order. */
const COMMANDS = 2000;
/** Sent at once, before the first answer. */
const BATCH = 20;

const anyBatch: fc.Arbitrary<readonly Words[]> = fc.oneof(
  { weight: 12, arbitrary: fc.oneof({ weight: 8, arbitrary: anyWrite }, anySelect).map((argv) => [argv]) },
  { weight: 3, arbitrary: anyTransaction }, { weight: 1, arbitrary: anyShortLived },
  { weight: 2, arbitrary: fc.nat({ max: 5000 }).map((size): Words[] => [['SET', `filler:${size % 50}`, 'z'.repeat(size)]]) });

export class Load {
  private isOver = false;
  private readonly ends: Promise<void>[] = [];
  /** Commands that were answered, and those of them that were refused. */
  answered = 0;
  refused = 0;

  constructor(port: number, seed: number) {
    for (let index = 0; index < CONNECTIONS; index++) {
      const commands = fc.sample(anyBatch, { seed: seed + index, numRuns: COMMANDS }).flat()
        // FLUSHDB takes a third of the data often enough.
        .filter(([name]) => name !== 'FLUSHALL');
      this.ends.push(this.send(port, index, commands));
    }
  }

  /** Resolves when everything sent was answered. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.ends);
  }

  private async send(port: number, index: number, commands: readonly Words[]): Promise<void> {
    const client = await RawClient.open(port);
    for (let at = 0; !this.isOver; at = at + BATCH < commands.length ? at + BATCH : 0) {
      const replies = await Promise.all(commands.slice(at, at + BATCH).map((argv) => client.run(...argv)));
      this.answered += replies.length;
      this.refused += replies.filter((reply) => reply instanceof ErrorReply).length;
    }
    // A transaction that was left open is not to be found in the data of either.
    await client.run('DISCARD');
    await client.run('SET', `last:${index}`, String(this.answered));
    client.close();
  }
}
