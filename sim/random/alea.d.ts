/** The one function of `seedrandom` that the simulator uses; its own types cover only the main entry. */
declare module 'seedrandom/lib/alea.js' {
  interface AleaGenerator {
    /** In [0, 1), a multiple of 2^-32. */
    (): number;
    /** 32 random bits, signed. */
    int32(): number;
  }
  const alea: (seed: string) => AleaGenerator;
  export default alea;
}
