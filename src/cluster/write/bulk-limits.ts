/** So many writes a second on each gate, which a gate and those who reconnect bear easily, and the errors that stop them. */
export const defaultPace = {rate: 100, maxErrors: 20} as const;

/** A write on more sessions than this is typed, or counted, and not just said yes to. */
export const typedConfirmationAbove = 10;
