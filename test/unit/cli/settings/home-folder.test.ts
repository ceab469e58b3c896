import {describe, expect, test} from 'vitest';
import {stateFolder} from '../../../../src/cli/journal/state-folder.js';
import {configFolder} from '../../../../src/cli/settings/context-store.js';
import {homeFolder} from '../../../../src/cli/settings/home-folder.js';
import {natsContextFolder} from '../../../../src/cli/settings/nats-context.js';

const nobody = (): string => {
  throw new Error('ENOENT');
};

describe('C9: no folder depends on the current one', () => {
  test.each([
    [{HOME: '/home/a'}, () => '/sys', '/home/a'],
    [{HOME: ''}, () => '/sys', '/sys'],
    [{HOME: 'rel'}, () => '/sys', '/sys'],
    [{HOME: '.'}, () => '/sys', '/sys'],
    [{}, () => '/sys', '/sys'],
    [{HOME: ''}, () => '', undefined],
    [{HOME: ''}, () => 'rel', undefined],
    [{}, nobody, undefined],
  ])('with %j the home is %s', (env, ofSystem, home) => expect(homeFolder(env, ofSystem)).toBe(home));

  test.each([
    [{XDG_STATE_HOME: '/x', XDG_CONFIG_HOME: '/x'}, undefined, '/x/gatectl', '/x/gatectl', '/x/nats/context'],
    [
      {XDG_STATE_HOME: '', XDG_CONFIG_HOME: 'rel'},
      '/h',
      '/h/.local/state/gatectl',
      '/h/.config/gatectl',
      '/h/.config/nats/context',
    ],
  ])('with %j and the home %s', (env, home, state, config, nats) => {
    expect([stateFolder(env, home), configFolder(env, home), natsContextFolder(env, home)]).toEqual([
      state,
      config,
      nats,
    ]);
  });

  test('there is no folder without a home', () => {
    expect(() => stateFolder({}, undefined)).toThrow('no home folder');
    expect(() => natsContextFolder({XDG_CONFIG_HOME: 'x'}, undefined)).toThrow('no home folder');
    expect(configFolder({XDG_CONFIG_HOME: 'x'}, undefined)).toBeUndefined();
  });
});
