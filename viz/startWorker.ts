/** The worker of the page as it is hosted: a file beside it. The one-file page has `startWorkerInline.ts` in its place. */
export const startWorker = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
