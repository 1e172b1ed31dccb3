/** The worker of the one-file page: its text is in the page, since a page from `file://` may load no other file. */
import InlineWorker from './worker.ts?worker&inline';

export const startWorker = (): Worker => new InlineWorker();
