/** How one gate software behaves, in the words that doctor shows: a claim that holds for one need not hold for another. */
export interface SoftwareFacts {
  /** What happens to writes while the store is away. */
  readonly duringOutage: string;
  /** How to give a gate a store. */
  readonly addStorage: string;
  /** Where a missing function of the extension comes from. */
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
        'mqant does not repeat a failed write: the session is stored at its next bind or settings change',
      addStorage: 'call SetStorageHandler in the OnInit of the gate',
      updateAdvice: 'update the add-on in the gate',
    },
  ],
]);

const unknownSoftware: SoftwareFacts = {
  duringOutage: 'whether the gate repeats failed writes is not known',
  addStorage: 'see the documentation of the gate',
  updateAdvice: 'update the gate',
};

/** What is known of the software that GatectlInfo names. */
export function softwareFacts(software: string): SoftwareFacts {
  return factsBySoftware.get(software) ?? unknownSoftware;
}
