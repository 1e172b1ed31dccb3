/**
 * Writes a trace as JSON lines: the header first, then a record a line with the detail's fields beside the fixed ones.
 * The order of fields is fixed, so that equal runs give equal bytes. Where the lines go is the caller's.
 */
import { InvariantError } from '../../engine/core/errors.ts';
import { TRACE_VERSION, type TraceDetail, type TraceHeader, type TraceRecord, type TraceSink } from './traceEvent.ts';

const FIXED_FIELDS: ReadonlySet<string> = new Set(['id', 'at', 'parent', 'kind', 'node', 'a', 'b']);

export class TraceWriter implements TraceSink {
  private readonly write: (line: string) => void;
  private lastId = 0;

  /** `write` gets one line at a time, without its line feed. `about` stands in the header (scenario, plan, build). */
  constructor(write: (line: string) => void, seed: number, about: TraceDetail = {}) {
    this.write = write;
    const header: TraceHeader = { trace: 'faultline', version: TRACE_VERSION, seed };
    write(JSON.stringify({ ...header, ...about }));
  }

  record(record: TraceRecord): void {
    if (record.id <= this.lastId) throw new InvariantError('trace records out of order');
    this.lastId = record.id;
    const { id, at, parent, kind, node, a, b, detail } = record;
    if (detail === null) {
      this.write(JSON.stringify({ id, at, parent, kind, node, a, b }));
      return;
    }
    for (const field of Object.keys(detail)) {
      if (FIXED_FIELDS.has(field)) throw new InvariantError(`trace detail reuses the field ${field}`);
    }
    this.write(JSON.stringify({ id, at, parent, kind, node, a, b, ...detail }));
  }
}
