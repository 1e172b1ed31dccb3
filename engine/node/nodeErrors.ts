/**
 * The system's error codes in the host's words. Everything unknown becomes the general word of its kind, so that no
 * failure is lost for want of a name.
 * Source: errno(3), and the codes that Node's net, dns and fs put on their errors.
 */
import { getSystemErrorMap } from 'node:util';
import { type FileError, HostFileError, type NetError } from '../host.ts';

/** The system's code of a thrown or emitted value: `ENOENT`; empty when it has none. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

export const netErrorOf = (error: unknown): NetError => {
  switch (systemCode(error)) {
    case 'ECONNREFUSED': return 'refused';
    case 'ETIMEDOUT': return 'timeout';
    case 'EHOSTUNREACH': case 'ENETUNREACH': case 'EHOSTDOWN': case 'ENETDOWN': return 'unreachable';
    case 'EADDRINUSE': return 'inUse';
    case 'EADDRNOTAVAIL': case 'EINVAL': case 'EACCES': case 'EAFNOSUPPORT': case 'ENOTFOUND': case 'EAI_AGAIN':
    case 'EAI_ADDRFAMILY': case 'ERR_SOCKET_BAD_PORT': return 'badAddress';
    default: return 'reset';
  }
};

export const fileErrorOf = (error: unknown): FileError => {
  switch (systemCode(error)) {
    case 'ENOENT': return 'notFound';
    case 'EEXIST': case 'ENOTEMPTY': return 'exists';
    case 'ENOSPC': case 'EDQUOT': case 'EFBIG': return 'full';
    case 'EACCES': case 'EPERM': case 'EROFS': return 'denied';
    case 'EISDIR': return 'isDirectory';
    default: return 'io';
  }
};

/** What the system says of it, as strerror does. */
export const systemReason = (error: unknown): string => {
  const errno = error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  const said = getSystemErrorMap().get(errno)?.[1] ?? (error instanceof Error ? error.message : String(error));
  return SAID_OTHERWISE[said] ?? said.charAt(0).toUpperCase() + said.slice(1);
};

/** Where libuv's words are not the C library's. */
const SAID_OTHERWISE: Readonly<Record<string, string>> = {
  'illegal operation on a directory': 'Is a directory',
  'file already exists': 'File exists',
  'name too long': 'File name too long',
};

/** Runs a file operation; what the system throws comes out as `HostFileError`. */
export const asFileOperation = <Result>(operation: () => Result): Result => {
  try {
    return operation();
  } catch (error) {
    throw new HostFileError(fileErrorOf(error), error instanceof Error ? error.message : String(error));
  }
};
