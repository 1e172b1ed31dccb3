/**
 * BullMQ runs its queues on our server: everything it does is scripts of its own, over streams, sorted sets, lists and hashes.
 * The same programme runs on redis-server, and what comes of it is the same.
 */
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];

let servers: Readonly<Record<ServerKind, ServerProcess>>;

interface Programme {
  readonly queue: Queue;
  readonly name: string;
  readonly connection: { readonly host: string; readonly port: number; readonly maxRetriesPerRequest: null };
  /** Ends it with everything else. */
  keep<Thing extends { close(): Promise<unknown> }>(thing: Thing): Thing;
}

/** Runs the same on both servers, at the same time, and gives what came of each. */
const onBoth = async <Outcome>(name: string, run: (programme: Programme) => Promise<Outcome>): Promise<readonly Outcome[]> =>
  Promise.all(KINDS.map(async (kind) => {
    const connection = { host: '127.0.0.1', port: servers[kind].port, maxRetriesPerRequest: null };
    const kept: { close(): Promise<unknown> }[] = [];
    const keep = <Thing extends { close(): Promise<unknown> }>(thing: Thing): Thing => {
      kept.push(thing);
      return thing;
    };
    const queue = keep(new Queue(name, { connection }));
    try {
      return await run({ queue, name, connection, keep });
    } finally {
      await Promise.all(kept.map((thing) => thing.close()));
    }
  }));

const expectSame = <Outcome>([theirs, ours]: readonly Outcome[]): Outcome => {
  expect(ours).toEqual(theirs);
  return ours as Outcome;
};

/** Resolves when the worker has finished so many jobs, well or not. */
const finished = (worker: Worker, count: number): Promise<void> => new Promise((resolve) => {
  let seen = 0;
  const one = (): void => {
    seen++;
    if (seen === count) resolve();
  };
  worker.on('completed', one);
  worker.on('failed', (job) => {
    if (job === undefined || job.attemptsMade >= (job.opts.attempts ?? 1)) one();
  });
});

describe('BullMQ on our server as on redis-server', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test('jobs are added, worked on and counted; events say so', async () => {
    const outcome = expectSame(await onBoth('plain', async ({ queue, name, connection, keep }) => {
      const events = keep(new QueueEvents(name, { connection }));
      await events.waitUntilReady();
      const heard: string[] = [];
      events.on('completed', ({ jobId, returnvalue }) => void heard.push(`${jobId} ${JSON.stringify(returnvalue)}`));
      const worker = keep(new Worker(name, async (job) => Promise.resolve((job.data as { n: number }).n * 2), { connection, autorun: false }));
      await queue.addBulk(Array.from({ length: 20 }, (_, n) => ({ name: 'double', data: { n } })));
      const counts = await queue.getJobCounts();
      const done = finished(worker, 20);
      void worker.run();
      await done;
      const job = await queue.getJob('7');
      while (heard.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      return { counts, after: await queue.getJobCounts(), value: job?.returnvalue as unknown, state: await job?.getState(), heard: heard.toSorted() };
    }));
    expect(outcome.value).toBe(12);
  });

  test('priorities, delays, retries with backoff, and what fails in the end', async () => {
    const outcome = expectSame(await onBoth('order', async ({ queue, name, connection, keep }) => {
      const order: string[] = [];
      const worker = keep(new Worker(name, async (job) => {
        order.push(job.name);
        if (job.name === 'flaky' && job.attemptsMade < 2) throw new Error('not yet');
        if (job.name === 'hopeless') throw new Error('never');
        return Promise.resolve(job.attemptsMade);
      }, { connection, autorun: false }));
      await queue.add('late', {}, { delay: 500 });
      await queue.add('low', {}, { priority: 10 });
      await queue.add('high', {}, { priority: 1 });
      await queue.add('middle', {}, { priority: 5 });
      await queue.add('first', {});
      await queue.add('flaky', {}, { attempts: 3, backoff: { type: 'fixed', delay: 20 }, priority: 20 });
      await queue.add('hopeless', {}, { attempts: 2, backoff: { type: 'exponential', delay: 10 }, priority: 30 });
      const done = finished(worker, 7);
      void worker.run();
      await done;
      const failed = await queue.getFailed();
      return { begin: order.slice(0, 4), times: order.toSorted(), failed: failed.map((job) => `${job.name} ${job.failedReason} ${job.attemptsMade}`) };
    }));
    expect(outcome.begin).toEqual(['first', 'high', 'middle', 'low']);
  });

  test('flows: a parent runs when its children are done', async () => {
    const outcome = expectSame(await onBoth('family', async ({ name, connection, keep }) => {
      const flows = keep(new FlowProducer({ connection }));
      const order: string[] = [];
      const worker = keep(new Worker(name, async (job) => {
        order.push(job.name);
        return job.name === 'parent' ? Object.values(await job.getChildrenValues<number>()).reduce((sum, value) => sum + value, 0) : (job.data as { n: number }).n;
      }, { connection, autorun: false }));
      const { job } = await flows.add({
        name: 'parent', queueName: name, children: [1, 2, 3].map((n) => ({ name: `child ${n}`, queueName: name, data: { n } })),
      });
      const waiting = await job.getState();
      const done = finished(worker, 4);
      void worker.run();
      await done;
      return { waiting, last: order.at(-1), order: order.toSorted(), value: (await (keep(new Queue(name, { connection }))).getJob(job.id as string))?.returnvalue as unknown };
    }));
    expect(outcome.value).toBe(6);
  });

  test('a rate limit, a repeated job, pausing and emptying', async () => {
    const outcome = expectSame(await onBoth('limits', async ({ queue, name, connection, keep }) => {
      const times: number[] = [];
      const worker = keep(new Worker(name, async (job) => {
        if (job.name === 'limited') times.push(Date.now());
        return Promise.resolve(job.name);
      }, { connection, autorun: false, limiter: { max: 2, duration: 150 } }));
      await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'limited', data: {} })));
      let done = finished(worker, 5);
      void worker.run();
      await done;
      await queue.upsertJobScheduler('each', { every: 60, limit: 2 }, { name: 'again', data: {} });
      done = finished(worker, 2);
      await done;
      await queue.pause();
      await queue.add('waits', {});
      const paused = { isPaused: await queue.isPaused(), counts: await queue.getJobCounts('paused', 'wait', 'delayed') };
      await queue.drain();
      const cleaned = await queue.clean(0, 100, 'completed');
      await worker.close();
      await queue.obliterate({ force: true });
      return { paused, cleaned: cleaned.length, isLimited: (times[4] as number) - (times[0] as number) >= 200, left: await queue.getJobCounts() };
    }));
    expect(outcome.isLimited).toBe(true);
  });
}));
