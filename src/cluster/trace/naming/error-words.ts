const longest = 300;

/**
 * What a node says of a failed call, without what is nobody's business: mqant adds a Go stack (rpc/base/rpc_server.go), and
 * echoes the arguments as decimal bytes where their number is wrong.
 */
export function publicErrorText(error: string): string {
  const [words = ''] = error.split('----Stack----', 1);
  const short = words.trim().replace(/(The number of params )\[\[[\d\s[\]]*\]/, '$1[…]');
  return short.length <= longest ? short : `${short.slice(0, longest)}…`;
}
