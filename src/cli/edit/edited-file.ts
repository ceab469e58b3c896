import {promises as fs} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {errorCodeOrText} from '../../base/error-details.js';
import {OutputError, UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import {writePrivateFile} from '../../base/files/private-files.js';

/** A temporary file (mode 0600, in its own folder) that an operator edits. The caller removes it, or keeps it after an error. */
export class EditedFile {
  private folder: string | undefined;
  private written = '';
  private isReopened = false;

  constructor(
    private readonly name: string,
    private readonly edit: (file: string) => Promise<void>,
  ) {}

  /** Opens the text in the editor. Returns the edited text. Rejects with OutputError if the file can't be written. */
  async open(text: string): Promise<string> {
    const file = await this.write(text);
    this.written = text;
    await this.edit(file);
    try {
      return (await readBoundedFile(file)).toString();
    } catch (cause) {
      throw new UsageError(`cannot read the edited file "${file}": ${errorCodeOrText(cause)}`, {cause});
    }
  }

  /** Returns the path of the file if it contains changes worth keeping. */
  async kept(): Promise<string | undefined> {
    if (this.folder === undefined) return undefined;
    const file = this.fileIn(this.folder);
    const text = await readBoundedFile(file).then(String, () => '');
    const isUntouched = text === this.written && !this.isReopened;
    return text.trim() === '' || isUntouched ? undefined : file;
  }

  async remove(): Promise<void> {
    if (this.folder !== undefined) await fs.rm(this.folder, {recursive: true, force: true});
  }

  private async write(text: string): Promise<string> {
    try {
      this.isReopened = this.folder !== undefined;
      this.folder ??= await fs.mkdtemp(path.join(os.tmpdir(), 'gatectl-edit-'));
      await writePrivateFile(this.fileIn(this.folder), text);
      return this.fileIn(this.folder);
    } catch (cause) {
      throw new OutputError(
        `cannot write the text to edit in "${this.folder ?? os.tmpdir()}": ${errorCodeOrText(cause)}`,
        {cause},
      );
    }
  }

  private fileIn(folder: string): string {
    return path.join(folder, this.name);
  }
}
