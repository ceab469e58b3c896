const longest = 300;

/**
 * A node's error text without sensitive parts: mqant appends a Go stack (rpc/base/rpc_server.go), and repeats
 * the arguments as decimal bytes if their number is wrong.
 */
export function publicErrorText(error: string): string {
  const [words = ''] = error.split('----Stack----', 1);
  const short = words.trim().replace(/(The number of params )\[\[[\d\s[\]]*\]/, '$1[…]');
  return short.length <= longest ? short : `${short.slice(0, longest)}…`;
}
