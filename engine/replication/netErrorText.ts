/** The words of the C library for a failed connection, as Redis logs them. */
import type { NetError } from '../host.ts';

export const netErrorText = (error: NetError): string => {
  switch (error) {
    case 'refused': return 'Connection refused';
    case 'timeout': return 'Connection timed out';
    case 'reset': return 'Connection reset by peer';
    case 'unreachable': return 'No route to host';
    case 'inUse': return 'Address already in use';
    case 'badAddress': return 'Cannot assign requested address';
  }
};
