/**
 * What passes from the server to its snapshot child: frames of a four-byte length (big-endian) and that many bytes. A frame
 * of length 0 says that the snapshot is complete. Without it the end of the input means that the parent died, and a
 * half-written file must not take the name of a good one.
 * For a file the first two frames are the temporary path and the path.
 */
export const FRAME_HEADER_BYTES = 4;

/** One frame, as a latin1 string. */
export const encodeFrame = (payload: string): string => {
  const length = payload.length;
  const header = String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255);
  return header + payload;
};

export const LAST_FRAME: string = '\0\0\0\0';
