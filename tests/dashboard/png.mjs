// A screenshot as a picture of 256 colours: of a page without photographs nobody sees the difference, and it weighs a third.
import { deflateSync, inflateSync } from 'node:zlib';
import { crc32 } from './zip.mjs';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function chunks(png) {
  const found = [];
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at);
    found.push([png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + size)]);
    at += size + 12;
  }
  return found;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const nearest_of_three = (left, up, corner) => {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
};

/** Undoes the filters of the lines. */
function pixels_of(raw, width, height, bytes) {
  const line = width * bytes;
  const out = Buffer.alloc(line * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x >= bytes ? out[at - bytes] : 0;
      const up = y ? out[at - line] : 0;
      const corner = y && x >= bytes ? out[at - line - bytes] : 0;
      const guess = [0, left, up, (left + up) >> 1, filter === 4 ? nearest_of_three(left, up, corner) : 0][filter];
      out[at] = raw[y * (line + 1) + 1 + x] + guess;
    }
  }
  return out;
}

/** The most common colours, and for each other one the nearest of these. */
function palette_of(colours) {
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const palette = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 256).map(([colour]) => colour);
  const split = palette.map(parts);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  for (const colour of counts.keys()) {
    if (places.has(colour)) continue;
    const [r, g, b] = parts(colour);
    let best = 0;
    let least = Infinity;
    split.forEach(([pr, pg, pb], place) => {
      const far = 2 * (r - pr) ** 2 + 4 * (g - pg) ** 2 + 3 * (b - pb) ** 2;
      if (far < least) [best, least] = [place, far];
    });
    places.set(colour, best);
  }
  return { palette: split, places };
}

/** `png`: 8 bits a channel, not interlaced, as a browser makes it. */
export function smaller_png(png) {
  const parts = chunks(png);
  const head = parts.find(([type]) => type === 'IHDR')[1];
  const [width, height, bytes] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(parts.filter(([type]) => type === 'IDAT').map(([, data]) => data)));
  const pixels = pixels_of(raw, width, height, bytes);
  const colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) colours[i] = (pixels[i * bytes] << 16) | (pixels[i * bytes + 1] << 8) | pixels[i * bytes + 2];
  const { palette, places } = palette_of(colours);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = places.get(colours[y * width + x]);
  const new_head = Buffer.from(head);
  new_head[9] = 3;
  return Buffer.concat([
    signature, chunk('IHDR', new_head), chunk('PLTE', Buffer.from(palette.flat())), chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}
