/** From the invocation of the first failed probe to the completion of the next success. */
import { describe, expect, test } from 'vitest';
import { Outage } from '../../../../sim/client/probe.ts';

describe('Outage', () => {
  test('nothing failed', () => {
    const outage = new Outage();
    outage.succeeded(0, 5);
    expect(outage).toMatchObject({ isOpen: false, count: 0, successes: 1, failures: 0 });
    expect(outage.totalMicros(1000)).toBe(0);
  });

  test('runs from invocation to completion, whenever the failures became known', () => {
    const outage = new Outage();
    outage.succeeded(0, 5);
    outage.failed(100);
    outage.failed(200);
    expect(outage.isOpen).toBe(true);
    expect(outage.totalMicros(450)).toBe(350);
    outage.succeeded(300, 420);
    expect(outage).toMatchObject({ isOpen: false, count: 1, closedMicros: 320 });
    expect(outage.totalMicros(9999)).toBe(320);
  });

  test('failures that become known out of order: the earliest invocation counts', () => {
    const outage = new Outage();
    outage.failed(200);
    outage.failed(100);
    outage.succeeded(300, 310);
    expect(outage.closedMicros).toBe(210);
  });

  test('a probe that was invoked before the last success and failed later opens nothing', () => {
    const outage = new Outage();
    outage.succeeded(300, 310);
    outage.failed(200);
    expect(outage).toMatchObject({ isOpen: false, count: 0, failures: 1 });
  });

  test('a success that was invoked before the outage does not end it', () => {
    const outage = new Outage();
    outage.failed(200);
    outage.succeeded(100, 400);
    expect(outage.isOpen).toBe(true);
    outage.succeeded(500, 510);
    expect(outage.closedMicros).toBe(310);
  });

  test('several outages add up', () => {
    const outage = new Outage();
    outage.failed(100);
    outage.succeeded(200, 210);
    outage.failed(1000);
    outage.succeeded(1100, 1150);
    outage.failed(2000);
    expect(outage).toMatchObject({ count: 3, closedMicros: 260 });
    expect(outage.totalMicros(2500)).toBe(760);
  });
});
