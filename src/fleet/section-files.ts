import { dirname, join, resolve } from 'node:path';
import { ContentFiles } from './content/content-files.ts';
import type { Limits } from './daemon-schema.ts';
import { type FleetFiles, utf8Text } from './file/fleet-files.ts';
import { type FilePath, formatFilePath } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { Fleet, NamedText } from './fleet.ts';
import { Wrong } from './forms.ts';
import type { Problem } from './problem.ts';
import type { Judgement, NamedFile, Section } from './section.ts';

/** Reads and judges the files of all sections. */
export async function readSectionFiles(
  yaml: YamlFile,
  {
    sections,
    values,
    files,
    limits,
  }: {
    sections: readonly Section<unknown>[];
    values: ReadonlyMap<string, unknown>;
    files: FleetFiles;
    limits: Limits;
  },
): Promise<{
  texts: ReadonlyMap<string, NamedText>;
  problems: readonly Problem[];
  sources: readonly string[];
}> {
  const reader = new ContentFiles(files);
  const texts = new Map<string, NamedText>();
  const problems: Problem[] = [];
  for (const { key, files: declared } of sections) {
    const value = values.get(key);
    if (declared === undefined || value === undefined) continue;
    const found: { named: NamedFile; text: NamedText }[] = [];
    for (const { path, file, what } of declared.named(value)) {
      const named = { path: [key, ...path], file, what };
      const text = await reader.read(absolute(yaml, named), readText, limits.script);
      if (text instanceof Wrong) problems.push(yaml.error(named.path, `${what} ${text.message}`));
      else found.push({ named, text: { file, text } });
    }
    if (found.length === 0) continue;
    const judgements = await declared.judge(found.map(({ text }) => text));
    for (const [index, { named, text }] of found.entries()) {
      texts.set(formatFilePath(named.path), text);
      const judgement = judgements[index] ?? null;
      if (judgement !== null) problems.push(problemOf(yaml, named, judgement));
    }
  }
  return { texts, problems, sources: reader.sources };
}

/** The text that stands at a path of the file as the name of a file; null where none does. */
export function fileNamed({ texts }: Fleet, path: FilePath): NamedText | null {
  return texts?.get(formatFilePath(path)) ?? null;
}

function absolute(yaml: YamlFile, { path, file }: NamedFile): string {
  return resolve(dirname(yaml.locate(path).file), file);
}

function readText(bytes: Uint8Array): string | Wrong {
  try {
    return utf8Text(bytes);
  } catch {
    return new Wrong('is not UTF-8 text; save it as UTF-8.');
  }
}

/** In the file itself where the place is known, else where the file is named. */
function problemOf(yaml: YamlFile, { path, file, what }: NamedFile, { message, at }: Judgement): Problem {
  const problem = yaml.error(path, `${what}: ${message}`);
  if (at === null) return problem;
  return { ...problem, message, place: { file: join(dirname(yaml.locate(path).file), file), ...at } };
}
