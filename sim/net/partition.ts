/** A cut through the network: a set of directed links, each counted, until it is healed. */
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import type { Link } from './link.ts';

export class Partition {
  private readonly kernel: Kernel;
  private readonly links: readonly Link[];
  private isHealed = false;

  constructor(kernel: Kernel, links: readonly Link[]) {
    this.kernel = kernel;
    this.links = links;
    for (const link of links) link.cuts++;
    kernel.observe(KIND.cut, 0, links.length, 0, kernel.tracing
      ? { links: links.map((link) => [link.from.name, link.to.name]) } : null);
  }

  /** Takes this cut back; others may go on cutting the same links. Healing twice does nothing. */
  heal(): void {
    if (this.isHealed) return;
    this.isHealed = true;
    for (const link of this.links) link.cuts--;
    this.kernel.observe(KIND.heal, 0, this.links.length, 0, this.kernel.tracing
      ? { links: this.links.map((link) => [link.from.name, link.to.name]) } : null);
  }
}
