// Turns the built pages and the OpenAPI document into one C++ source: each file as it is, and compressed.
// node embed.mjs DIST OPENAPI.json OUT.cpp
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

const [dist, openapi, out] = process.argv.slice(2);
const pages = { '/index.html': '/', '/docs.html': '/docs' };

function* files_in(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_in(path);
    else yield path;
  }
}

const sources = [];
const rows = [];

/** Keeps bytes under a name of their own; the expression that stands for them. */
function keep(bytes) {
  if (bytes === undefined) return '{}';
  const name = `bytes_${sources.length}`;
  const lines = [];
  for (let at = 0; at < bytes.length; at += 64) lines.push('    ' + [...bytes.subarray(at, at + 64)].join(',') + ',');
  sources.push(`constexpr unsigned char ${name}[] = {\n${lines.join('\n')}\n};`);
  return `text_of(${name})`;
}

/** Worth it where it saves a tenth. */
const if_smaller = (packed, plain) => (packed.length < plain.length * 0.9 ? packed : undefined);

function add(path, at) {
  const type = types[extname(path)];
  if (!type) throw new Error(`embed: no content type for ${path}`);
  const plain = readFileSync(path);
  const tag = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  const packed = if_smaller(gzipSync(plain, { level: 9 }), plain);
  const packed_more = if_smaller(
    brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }), plain);
  // Vite names what is below assets by its content.
  rows.push(`    {"${pages[at] ?? at}", "${type}", "${tag}", ${at.startsWith('/assets/')}, ${keep(plain)}, ${keep(packed)}, ${keep(packed_more)}},`);
}

for (const path of files_in(dist)) add(path, '/' + relative(dist, path).split('\\').join('/'));
add(openapi, '/api/openapi.json');

writeFileSync(out, `// Made by dashboard/embed.mjs from what Vite built and the OpenAPI document.
#include <cstddef>

#include "dashboard/dashboard_files.hpp"

namespace planexe::dashboard {
namespace {

template <std::size_t Size>
std::string_view text_of(const unsigned char (&bytes)[Size]) {
  return {reinterpret_cast<const char*>(bytes), Size};
}

${sources.join('\n')}

}  // namespace

std::span<const gateway::static_file> files() {
  static const gateway::static_file all[] = {
${rows.join('\n')}
  };
  return all;
}

}  // namespace planexe::dashboard
`);
