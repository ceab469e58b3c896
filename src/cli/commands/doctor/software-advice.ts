/** Advice that depends on the software of a gate. */
interface SoftwareFacts {
  /** What happens to writes while the store is unavailable. */
  readonly duringOutage: string;
  /** How to add a store to a gate. */
  readonly addStorage: string;
  /** How to add missing extension functions. */
  readonly updateAdvice: string;
}

const factsBySoftware: ReadonlyMap<string, SoftwareFacts> = new Map([
  [
    'gatectl',
    {
      duringOutage: 'the gate keeps serving and stores unsaved sessions once the store is back',
      addStorage: 'gatectl gate run --store …',
      updateAdvice: 'update gatectl on the gate',
    },
  ],
  [
    // gate/base/gate_handler.go: Bind, Push, Set and Remove call Storage once; Bind drops its error, the others log it
    'mqant',
    {
      duringOutage:
        'mqant does not retry failed writes: the session is stored at its next bind or settings change',
      addStorage: "call SetStorageHandler in the gate's OnInit",
      updateAdvice: 'update the add-on in the gate',
    },
  ],
]);

const unknownSoftware: SoftwareFacts = {
  duringOutage: 'it is unknown whether the gate retries failed writes',
  addStorage: "see the gate's documentation",
  updateAdvice: 'update the gate',
};

/** Returns the advice for the software name from GatectlInfo. */
export function softwareAdvice(software: string): SoftwareFacts {
  return factsBySoftware.get(software) ?? unknownSoftware;
}
