/**
 * A console at one server: commands over a connection of its own, answers as values. For whoever looks into a world that is
 * thrown away afterwards; an action of a plan is the operator's (`operator.ts`).
 */
import { type Host, type Reply, utf8 } from '../../engine/index.ts';
import { authGreetings } from './greetings.ts';
import { RedisClient, type ServerName } from './redisClient.ts';

/** A silent server is given up after this long. */
export const CONSOLE_TIMEOUT_MS = 200;

export interface ConsoleAnswers {
  /** In the order of the commands; fewer where the connection went. */
  readonly replies: Reply[];
  /** Why there are fewer; null while, or where, nothing went wrong. */
  failure: string | null;
  isDone: boolean;
}

export const newConsoleAnswers = (): ConsoleAnswers => ({ replies: [], failure: null, isDone: false });

/** A program that asks each of `commands` and writes into `answers`. */
export const consoleProgram = (
  server: ServerName, password: string | undefined, commands: readonly (readonly string[])[], answers: ConsoleAnswers,
) => (host: Host): void => {
  const client = new RedisClient(host, CONSOLE_TIMEOUT_MS, {
    opened: () => {
      for (const argv of commands) {
        client.send(argv.map((word) => utf8(word)), (reply) => {
          if (reply === undefined) return;
          answers.replies.push(reply);
          if (answers.replies.length < commands.length) return;
          answers.isDone = true;
          client.close('done');
        });
      }
    },
    lost: (reason) => {
      if (answers.isDone) return;
      answers.failure = reason;
      answers.isDone = true;
    },
  }, authGreetings(password));
  client.open(server);
};
