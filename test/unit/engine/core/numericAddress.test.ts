/** The forms of IP addresses that the C library's resolver takes, as getaddrinfo of glibc answered them. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { numericAddress } from '../../../../engine/core/numericAddress.ts';

const TAKEN: readonly (readonly [text: string, address: string])[] = [
  ['127.0.0.1', '127.0.0.1'], ['0.0.0.0', '0.0.0.0'], ['1.1', '1.0.0.1'], ['1', '0.0.0.1'], ['0x7f.1', '127.0.0.1'], ['010.1.1.1', '8.1.1.1'],
  ['1.2.3', '1.2.0.3'], ['1.2.65535', '1.2.255.255'], ['256', '0.0.1.0'], ['4294967295', '255.255.255.255'],
  ['::1', '::1'], ['0:0:0:0:0:0:0:1', '::1'], ['::', '::'], ['::ffff:1.2.3.4', '::ffff:1.2.3.4'], ['::1.2.3.4', '::1.2.3.4'], ['ABCD::1', 'abcd::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'], ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'], ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
];

const REFUSED: readonly string[] = [
  '', 'localhost', '1.2.3.4.', '1.2.65536', '1.1.1.256', '256.1', '1..1', '.', '08.1.1.1', '4294967296', '0x', '1.0x', '1.2.3.4x', '1.2.3.4.5', '-1',
  '1::2::3', ':1', '1:', ':::', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::1', 'g::1', '1.2.3.4::', '::1.2.3', '::1.2.3.4:5',
];

describe('an IP address', () => {
  test.each(TAKEN)('%s is %s', (text, address) => expect(numericAddress(bytes(text))).toBe(address));
  test.each(REFUSED)('%j is none', (text) => expect(numericAddress(bytes(text))).toBeNull());
});
