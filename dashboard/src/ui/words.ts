/** "1 leaf", "3 leaves". */
export const count = (n: number, one: string, many = one + 's'): string => `${n.toLocaleString()} ${n === 1 ? one : many}`;
