/**
 * Environment for Git on behalf of the rig: nobody's configuration, no questions, no proxy. Repositories of other processes
 * that Git may have been told of (a hook runs with GIT_DIR) are left out too.
 */
export function gitEnvironment(): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    NO_PROXY: '127.0.0.1',
    no_proxy: '127.0.0.1',
  };
}
