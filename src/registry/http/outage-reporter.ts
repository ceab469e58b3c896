import {errorMessage} from '../../base/error-details.js';
import {PermissionError} from '../../base/errors.js';

/**
 * Reports once when a registry that is used in the background becomes unreachable or refuses access, and once when it
 * is back.
 */
export class OutageReporter {
  private readonly reported = new Set<'unreachable' | 'refused'>();

  constructor(
    private readonly name: string,
    private readonly notice: (line: string) => void = () => {},
  ) {}

  failed(error: unknown): void {
    const kind = error instanceof PermissionError ? 'refused' : 'unreachable';
    if (this.reported.has(kind)) return;
    this.reported.add(kind);
    this.notice(`${errorMessage(error)}: trying again`);
  }

  over(): void {
    if (this.reported.size === 0) return;
    this.reported.clear();
    this.notice(`${this.name} answers again`);
  }
}
