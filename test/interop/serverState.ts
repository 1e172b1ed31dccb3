/** What servers are asked to see whether they agree, without holding up this process: fields of INFO, digests. */
import type { Reply, Status } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { DATABASES, SHORT_LIFE_MS } from './randomCommands.ts';

interface Listening {
  readonly port: number;
}

const WITHIN_MS = 20_000;
const AGAIN_MS = 20;

/** Asks again until the answer is right; the last answer is in the error when it never is. */
export const until = async <Value>(ask: () => Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> => {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const value = await ask();
    if (isRight(value)) return value;
    if (Date.now() > end) throw new Error(`still not so after ${WITHIN_MS} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
};

const asking = async <Value>(server: Listening, ask: (client: RawClient) => Promise<Value>): Promise<Value> => {
  const client = await RawClient.open(server.port);
  try {
    return await ask(client);
  } finally {
    client.close();
  }
};

/** Fields of INFO, in the order of their names; empty where there is none. */
export const fields = (server: Listening, ...names: readonly string[]): Promise<readonly string[]> =>
  asking(server, async (client) => {
    const info = String(await client.run('INFO', 'everything'));
    return names.map((name) => new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(info)?.[1] ?? '');
  });

export const field = async (server: Listening, name: string): Promise<string> => (await fields(server, name))[0] ?? '';

export const count = async (server: Listening, name: string): Promise<number> => Number(await field(server, name));

/** True when no key is there whose time has come: KEYS leaves those out, DBSIZE does not, and neither deletes. */
export const areExpiredGone = async (client: RawClient): Promise<boolean> => {
  const asked: Promise<Reply>[] = [];
  for (let database = 0; database < DATABASES; database++) {
    void client.run('SELECT', String(database));
    asked.push(client.run('KEYS', '*'), client.run('DBSIZE'));
  }
  void client.run('SELECT', '0');
  const replies = await Promise.all(asked);
  return replies.every((reply, place) => !Array.isArray(reply) || reply.length === replies[place + 1]);
};

/** Waits until the data of a primary that takes no writes stay as they are: nothing short-lived is left. */
export const untilNothingRunsOut = async (server: Listening): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, SHORT_LIFE_MS + 2));
  await until(() => asking(server, areExpiredGone), (areGone) => areGone);
};

/** DEBUG DIGEST: the same in both kinds for equal data. */
export const digest = (server: Listening): Promise<string> =>
  asking(server, async (client) => (await client.run('DEBUG', 'DIGEST') as Status).text);

export const untilLinked = (replica: Listening): Promise<string> =>
  until(() => field(replica, 'master_link_status'), (status) => status === 'up');

/** Waits until every link is up and every replica stands where the first server does, which takes no writes now. */
export const untilInStep = async (primary: Listening, replicas: readonly Listening[]): Promise<void> => {
  await untilNothingRunsOut(primary);
  for (const replica of replicas) {
    await untilLinked(replica);
    await until(
      async () => [await field(primary, 'master_repl_offset'), await field(replica, 'master_repl_offset')],
      ([first, second]) => first === second);
  }
};
