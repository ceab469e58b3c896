import type {Registration} from './registry.js';

/** Open registrations in a registry, which are closed one by one or all together. */
export class Registrations {
  private readonly open = new Set<Registration>();

  add(registration: Registration): Registration {
    this.open.add(registration);
    return {
      update: (metadata) => registration.update(metadata),
      restore: async () => await registration.restore?.(),
      close: async () => {
        this.open.delete(registration);
        await registration.close();
      },
    };
  }

  async closeAll(): Promise<void> {
    for (const registration of this.open) await registration.close();
    this.open.clear();
  }
}
