import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type CliOutcome, gatectl} from '../../../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../../../support/temp.js';

const goMod = 'module example.com/game\n\ngo 1.11\n\nrequire github.com/liangdas/mqant v1.2.0\n';
const gateGo = `package gate

func (this *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
	this.Gate.OnInit(this, app, settings)
}
`;

let temporary: TemporaryFolder;
let game: string;

beforeEach(async () => {
  temporary = await temporaryFolder();
  game = path.join(temporary.path, 'game');
  await write('go.mod', goMod);
  await write('server/gate/module.go', gateGo);
});
afterEach(async () => await temporary.remove());

async function write(name: string, text: string): Promise<void> {
  const file = path.join(game, name);
  await fs.mkdir(path.dirname(file), {recursive: true});
  await fs.writeFile(file, text);
}

const read = (name: string): Promise<string> => fs.readFile(path.join(game, name), 'utf8');

const install = (...more: readonly string[]): Promise<CliOutcome> =>
  gatectl(['addon', 'install', game, ...more]);

/** All files of the module, with their texts. */
async function everything(): Promise<Readonly<Record<string, string>>> {
  const names = await fs.readdir(game, {recursive: true, withFileTypes: true});
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => fs.readFile(file, 'utf8')));
  return Object.fromEntries(files.map((file, at) => [path.relative(game, file), texts[at] ?? '']));
}

describe('addon install', () => {
  test('writes the Go files without tests and the requirement of nats.go, and names the place to attach', async () => {
    const before = await everything();
    const {code, out, err} = await install('-o', 'json');
    expect({code, err}).toMatchObject({code: 0});
    expect(JSON.parse(out)).toMatchObject({
      package: 'example.com/game/internal/gatectladdon',
      mqant: 'v1.2.0',
      installed: null,
      items: expect.arrayContaining([{file: 'go.mod', state: 'replaced'}]),
    });
    const after = await everything();
    const sources = Object.keys(after).filter((name) => name.startsWith('internal/') && name.endsWith('.go'));
    const shipped = (await fs.readdir('src/addon')).filter((name) => /(?<!_test)\.go$/.test(name));
    expect(sources.map((name) => path.basename(name)).sort()).toEqual(shipped.sort());
    expect(after['internal/gatectladdon/addon.go']).toMatch(/^\/\/ Code generated .* DO NOT EDIT\.\n\n/);
    expect(after['go.mod']).toBe(`${goMod}require github.com/nats-io/nats.go v1.9.1\n`);
    expect(after['server/gate/module.go']).toBe(before['server/gate/module.go']);
    expect(err).toContain('next: import gatectladdon "example.com/game/internal/gatectladdon"');
    expect(err).toContain('server/gate/module.go:4 with: gatectladdon.Attach(&this.Gate)');
  });

  test('keeps go.mod if it requires nats.go', async () => {
    const text = `${goMod}require github.com/nats-io/nats.go v1.11.0 // indirect\n`;
    await write('go.mod', text);
    expect((await install()).code).toBe(0);
    expect(await read('go.mod')).toBe(text);
  });

  test('--dry-run writes nothing; installing twice writes nothing the second time', async () => {
    const before = await everything();
    expect((await install('--dry-run')).out).toContain('go.mod\treplaced');
    expect(await everything()).toEqual(before);
    await install();
    const installed = await everything();
    const again = await install();
    expect(again).toMatchObject({
      code: 0,
      err: expect.stringContaining('is already in internal/gatectladdon'),
    });
    expect(again.out).not.toMatch(/\t(?!same)/);
    expect(await everything()).toEqual(installed);
  });

  test('--remove restores the module', async () => {
    const before = await everything();
    await install();
    expect(await install('--remove')).toMatchObject({code: 0});
    expect(await everything()).toEqual(before);
    expect(await fs.readdir(game)).not.toContain('internal');
    expect(await install('--remove')).toMatchObject({code: 1, err: expect.stringContaining('no add-on in')});
  });

  test('--remove keeps files that gatectl did not write, and a changed requirement', async () => {
    await install();
    await write('internal/gatectladdon/notes.txt', 'mine');
    await write('go.mod', (await read('go.mod')).replace('v1.9.1', 'v1.12.0'));
    const {code, err} = await install('--remove');
    expect({code, err}).toMatchObject({code: 0, err: expect.stringContaining('notes.txt')});
    expect(await fs.readdir(path.join(game, 'internal/gatectladdon'))).toEqual(['notes.txt']);
    expect(await read('go.mod')).toContain('nats.go v1.12.0');
  });

  test('--remove of one of two add-ons leaves the other its requirement in go.mod', async () => {
    const before = await everything();
    const second = ['--package', 'server/second'];
    await install();
    await install(...second);
    const removed = await install('--remove');
    expect(removed.code).toBe(0);
    expect(removed.err).toMatch(
      /kept "github.com\/nats-io\/nats.go v1.9.1" in go.mod: server\/second\/\w+\.go imports it/,
    );
    expect(await read('go.mod')).toContain('nats.go v1.9.1');
    expect((await install('--check', ...second)).code).toBe(0);
    await install('--remove', ...second);
    expect(await everything()).toEqual(before);
  });

  test("--remove keeps the requirement that the module's own code needs by now", async () => {
    await install();
    await write('server/bus.go', 'package server\n\nimport "github.com/nats-io/nats.go"\n');
    await install('--remove');
    expect(await read('go.mod')).toContain('nats.go v1.9.1');
  });

  test('reports changed files, and neither replaces nor removes them', async () => {
    await install();
    await write('internal/gatectladdon/edit.go', 'package gatectladdon // mine\n');
    await write('internal/gatectladdon/wire.go', 'package gatectladdon // mine too\n');
    const before = await everything();
    for (const words of [[], ['--remove']]) {
      const {code, err} = await install(...words);
      expect({code, err}).toMatchObject({
        code: 5,
        err: expect.stringContaining('edit.go, wire.go in "internal'),
      });
      expect(await everything()).toEqual(before);
    }
    const {code, out} = await install('--check');
    expect(code).toBe(1);
    expect(out.split('\n').filter((line) => line.endsWith('changed'))).toHaveLength(2);
  });

  test('replaces an older version, and removes obsolete files', async () => {
    await install();
    const manifest = JSON.parse(await read('internal/gatectladdon/gatectl-addon.json'));
    const old = 'package gatectladdon // old\n';
    const {createHash} = await import('node:crypto');
    const hash = createHash('sha256').update(old).digest('hex');
    for (const name of ['edit.go', 'gone.go']) {
      await write(`internal/gatectladdon/${name}`, old);
      manifest.files[name] = hash;
    }
    await write('internal/gatectladdon/gatectl-addon.json', JSON.stringify({...manifest, gatectl: '0.0.9'}));
    await write('internal/gatectladdon/mine.go', 'package gatectladdon\n');
    const check = await install('--check');
    expect(check.out).toContain('edit.go\toutdated');
    expect(check.err).toContain('installed by gatectl 0.0.9');
    const {code, out, err} = await install();
    expect({code, err}).toMatchObject({code: 0});
    expect(out).toContain('edit.go\treplaced');
    expect(out).toContain('gone.go\tremoved');
    const names = await fs.readdir(path.join(game, 'internal/gatectladdon'));
    expect(names).toContain('mine.go');
    expect(names).not.toContain('gone.go');
    expect(await install('--check')).toMatchObject({code: 0});
    expect(await install('--remove')).toMatchObject({code: 0});
    expect(await fs.readdir(path.join(game, 'internal/gatectladdon'))).toEqual(['mine.go']);
    expect(await read('go.mod')).toBe(goMod);
  });

  test('does not overwrite other files in the folder', async () => {
    await write('internal/gatectladdon/wire.go', 'package other\n');
    const before = await everything();
    expect(await install()).toMatchObject({
      code: 5,
      err: expect.stringContaining('gatectl did not write wire.go; nothing was changed'),
    });
    expect(await everything()).toEqual(before);
    expect(await install('--package', 'server/gatectladdon')).toMatchObject({code: 0});
  });

  test.each([
    ['../outside', /invalid package "\.\.\/outside"/],
    ['/abs', /invalid package/],
    ['internal/_x', /invalid package/],
    ['server/vendor/x', /invalid package/],
    ['nested/addon', /"nested" is a separate module/],
    ['linked/addon', /"linked" is a symbolic link/],
  ])('--package %s is refused', async (name, error) => {
    await write('nested/go.mod', 'module n\n');
    await fs.symlink(temporary.path, path.join(game, 'linked'));
    expect(await install('--package', name)).toMatchObject({code: 2, err: expect.stringMatching(error)});
  });

  test('refuses a folder without a module or mqant, with the next step', async () => {
    const above = await gatectl(['addon', 'install', temporary.path]);
    expect(above).toMatchObject({
      code: 2,
      err: expect.stringContaining(`hint: gatectl addon install ${game}`),
    });
    const below = await gatectl(['addon', 'install', path.join(game, 'server')]);
    expect(below.err).toContain(`hint: gatectl addon install ${game}`);
    await write('go.mod', 'module m\nrequire github.com/somebody/vmqant v1.0.0\n');
    expect(await install()).toMatchObject({
      code: 2,
      err: expect.stringContaining('does not require github.com/liangdas/mqant'),
    });
    expect((await install()).err).toContain('not those of the fork "github.com/somebody/vmqant"');
  });

  test('does not replace a file by the folder', async () => {
    await write('internal', 'a file, where the folder should be');
    const before = await everything();
    expect(await install()).toMatchObject({code: 2});
    expect(await everything()).toEqual(before);
  });
});
