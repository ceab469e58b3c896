import {execFile} from 'node:child_process';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith, requireServer} from '../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../support/temp.js';

/** A project as mqant's demo is: a gate with a learner and a storage handler, and a login module. */
const files = {
  'main.go': `package main

import (
	"github.com/liangdas/mqant"
	"github.com/liangdas/mqant/module"

	"example.com/game/server/gate"
	"example.com/game/server/login"
)

func main() { _ = mqant.CreateApp(module.Debug(false)).Run(mgate.Module(), login.Module()) }
`,
  'server/gate/module.go': `package mgate

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/module"
)

func Module() module.Module { return new(Gate) }

type Gate struct{ basegate.Gate }

func (this *Gate) GetType() string { return "Gate" }
func (this *Gate) Version() string { return "1.0.0" }

func (this *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
	this.Gate.OnInit(this, app, settings)
	this.Gate.SetSessionLearner(this)
}

func (this *Gate) Connect(session gate.Session)    {}
func (this *Gate) DisConnect(session gate.Session) {}
`,
  'server/login/module.go': `package login

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	basemodule "github.com/liangdas/mqant/module/base"
)

func Module() module.Module { return new(Login) }

type Login struct{ basemodule.BaseModule }

func (m *Login) GetType() string { return "Login" }
func (m *Login) Version() string { return "1.0.0" }

func (m *Login) OnInit(app module.App, settings *conf.ModuleSettings) {
	m.BaseModule.OnInit(m, app, settings)
	m.GetServer().RegisterGO("HD_Login", m.login)
}

func (m *Login) Run(closeSig chan bool) {}

func (m *Login) login(session gate.Session, msg map[string]interface{}) (string, string) {
	name, _ := msg["userName"].(string)
	return name, session.Bind(name)
}
`,
};

describeWith('go')('gatectl addon install', () => {
  let temporary: TemporaryFolder;
  let game: string;
  beforeAll(async () => {
    temporary = await temporaryFolder();
    game = path.join(temporary.path, 'game');
  });
  afterAll(async () => await temporary?.remove());

  const go = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(requireServer('go'), args, {cwd: game})).stderr;
  const write = async (name: string, text: string): Promise<void> => {
    await fs.mkdir(path.dirname(path.join(game, name)), {recursive: true});
    await fs.writeFile(path.join(game, name), text);
  };
  const goMod = (): Promise<string> => fs.readFile(path.join(game, 'go.mod'), 'utf8');

  test.each([
    ['v1.2.0', '1.11'],
    ['v1.4.12', '1.13'],
  ])(
    'builds a project on mqant %s with go %s in its go.mod, with the add-on and after its removal',
    async (mqant, version) => {
      await fs.rm(game, {recursive: true, force: true});
      for (const [name, text] of Object.entries(files)) await write(name, text);
      await write(
        'go.mod',
        `module example.com/game\n\ngo ${version}\n\nrequire github.com/liangdas/mqant ${mqant}\n`,
      );
      await go('mod', 'download');
      await go('build', '-mod=mod', '-o', '../game.bin', '.'); // completes go.sum
      const before = await goMod();

      const installed = await spawnGatectl(['addon', 'install', game]);
      expect(installed).toMatchObject({code: 0});
      expect(installed.err).toContain('server/gate/module.go:18 with: gatectladdon.Attach(&this.Gate)');
      const gate = files['server/gate/module.go']
        .replace(
          ')\n\nfunc Module',
          '\tgatectladdon "example.com/game/internal/gatectladdon"\n)\n\nfunc Module',
        )
        .replace('SetSessionLearner(this)\n', 'SetSessionLearner(this)\n\tgatectladdon.Attach(&this.Gate)\n');
      await write('server/gate/module.go', gate);
      await go('build', '-mod=readonly', '-o', '../game.bin', '.'); // go.mod and go.sum have all that it needs
      await go('vet', './...');
      expect(await spawnGatectl(['addon', 'install', game, '--check'])).toMatchObject({
        code: 0,
        err: expect.stringContaining('attaches the add-on'),
      });

      await write('server/gate/module.go', files['server/gate/module.go']);
      expect(await spawnGatectl(['addon', 'install', game, '--remove'])).toMatchObject({code: 0});
      expect(await goMod()).toBe(before);
      await go('build', '-mod=readonly', '-o', '../game.bin', '.');
    },
    600_000,
  );
});
