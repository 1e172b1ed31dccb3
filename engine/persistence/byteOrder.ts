/** Integers as bytes. */

/** The low bytes of a 32-bit integer. */
export const littleEndian = (number: number, width: number): string => {
  if (width === 1) return String.fromCharCode(number & 0xff);
  if (width === 2) return String.fromCharCode(number & 0xff, (number >> 8) & 0xff);
  if (width === 3) return String.fromCharCode(number & 0xff, (number >> 8) & 0xff, (number >> 16) & 0xff);
  return String.fromCharCode(number & 0xff, (number >> 8) & 0xff, (number >> 16) & 0xff, number >>> 24);
};

/** Eight bytes of an integer that a double holds. */
export const littleEndian64 = (number: number): string =>
  littleEndian(number | 0, 4) + littleEndian(Math.floor(number / 0x100000000) | 0, 4);

/** Eight bytes of any 64-bit integer. */
export const littleEndianBig = (number: bigint): string =>
  littleEndian(Number(BigInt.asIntN(32, number)), 4) + littleEndian(Number(BigInt.asIntN(32, number >> 32n)), 4);

export const bigEndian = (number: number, width: number): string => {
  let text = '';
  for (let rest = number, byte = 0; byte < width; byte++, rest = Math.floor(rest / 256)) {
    text = String.fromCharCode(rest % 256) + text;
  }
  return text;
};

/** An unsigned integer of up to six bytes; missing bytes count as 0. */
export const readLittleEndian = (text: string, at: number, width: number): number => {
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + (text.charCodeAt(at + byte) | 0);
  return value;
};

/** A signed integer of 1, 2, 3 or 4 bytes. */
export const readSigned = (text: string, at: number, width: number): number => {
  const shift = 32 - width * 8;
  return ((readLittleEndian(text, at, width) | 0) << shift) >> shift;
};

/** A signed integer of eight bytes. */
export const readSigned64 = (text: string, at: number): bigint =>
  (BigInt(readSigned(text, at + 4, 4)) << 32n) | BigInt(readLittleEndian(text, at, 4));

/** The eight bytes of a double. */
export const doubleBytes = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return littleEndian(view.getInt32(0, true), 4) + littleEndian(view.getInt32(4, true), 4);
};

export const readDoubleBytes = (text: string, at: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, readLittleEndian(text, at, 4), true);
  view.setUint32(4, readLittleEndian(text, at + 4, 4), true);
  return view.getFloat64(0, true);
};
