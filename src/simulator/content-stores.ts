import { type DeviceCore, deviceTime } from './device-core.ts';

export interface Panel {
  readonly id: string;
  /** The document as it was saved. */
  readonly xml: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface DeviceMacro {
  readonly name: string;
  readonly source: string;
  active: boolean;
}

/** One line of the macro log. */
export interface MacroLogLine {
  readonly offset: number;
  readonly timestamp: string;
  readonly level: string;
  readonly macro: string;
  readonly message: string;
}

/** A certificate of the device's own with its key, and what it is used for. */
export interface ServiceCertificate {
  readonly pem: string;
  readonly keyPem: string;
  readonly purposes: Set<string>;
}

const LOG_LENGTH = 1_000;

const TOP_LEVEL = /^(console\.log|console\.warn|console\.error|throw new Error)\(['"]([^'"]*)['"]\)/gm;
const LEVELS: Readonly<Record<string, string>> = {
  'console.log': 'LOG',
  'console.warn': 'WARN',
  'console.error': 'ERROR',
};

/** What a device keeps for others: panels, macros, branding, the sign-in banner and certificates. All of it survives a reboot. */
export class ContentStores {
  readonly #core: DeviceCore;
  readonly #showCertificate: (certificate: ServiceCertificate | null) => void;
  readonly panels = new Map<string, Panel>();
  readonly macros = new Map<string, DeviceMacro>();
  /** What the macro runtime truly runs: sources by name. */
  readonly running = new Map<string, string>();
  readonly macroLog: MacroLogLine[] = [];
  /** How often the macro runtime was started anew. */
  macroRestarts = 0;
  /** By type, the base64 text that was uploaded. */
  readonly branding = new Map<string, string>();
  /** PEM certificates that HttpFeedback trusts. */
  readonly certificateAuthorities: string[] = [];
  readonly serviceCertificates: ServiceCertificate[] = [];
  signInBanner = '';
  /** The id of the panel that people see. */
  openPanel: string | null = null;
  readonly #widgets = new Map<string, number>();
  #lastOffset = 0;

  /** @param showCertificate told which certificate HTTPS is to show from now on; null is the device's own */
  constructor(core: DeviceCore, showCertificate: (certificate: ServiceCertificate | null) => void) {
    this.#core = core;
    this.#showCertificate = showCertificate;
  }

  savePanel(panel: Panel): void {
    this.panels.set(panel.id, panel);
    this.#core.event('UserInterface.Extensions.Panel.LayoutUpdated');
  }

  removePanel(id: string): boolean {
    const removed = this.panels.delete(id);
    if (removed) this.#core.event('UserInterface.Extensions.Panel.LayoutUpdated');
    return removed;
  }

  /** A person presses the panel's button; false where there is no such panel. */
  clickPanel(id: string): boolean {
    if (!this.panels.has(id)) return false;
    this.#core.event('UserInterface.Extensions.Panel.Clicked', {
      Origin: 'Controller',
      PanelId: id,
      PeripheralId: '',
    });
    return true;
  }

  /** Shows a panel; false where there is no such one. */
  open(id: string, pageId: string): boolean {
    if (!this.panels.has(id)) return false;
    this.openPanel = id;
    this.#core.event('UserInterface.Extensions.Panel.Open', {
      PageId: pageId,
      PanelId: id,
      PeripheralId: '',
      Target: 'Auto',
    });
    return true;
  }

  close(): void {
    this.openPanel = null;
    this.#core.event('UserInterface.Extensions.Panel.Close', { PeripheralId: '', Target: 'Auto' });
  }

  /** A widget shows a value from now on. Items count up in the order in which widgets were first set. */
  showWidget(widgetId: string, value: string): void {
    const item = this.#widgets.get(widgetId) ?? this.#widgets.size + 1;
    this.#widgets.set(widgetId, item);
    this.#core.setStatus(`UserInterface.Extensions.Widget[${item}].WidgetId`, widgetId);
    this.#core.setStatus(`UserInterface.Extensions.Widget[${item}].Value`, value);
  }

  /** A person uses a widget. */
  actWidget(widgetId: string, type: string, value: string): void {
    this.#core.event('UserInterface.Extensions.Widget.Action', {
      WidgetId: widgetId,
      Type: type,
      Value: value,
    });
  }

  get macrosAreOff(): boolean {
    return this.#core.configuration.get('Macros.Mode') === 'Off';
  }

  /** The runtime runs what is active now, and nothing while macros are off. */
  restartMacros(): void {
    this.#core.event('Macros.Runtime.Reloading');
    this.macroRestarts += 1;
    this.stopMacros();
    if (!this.macrosAreOff)
      for (const { name, source, active } of this.macros.values()) {
        if (!active) continue;
        this.running.set(name, source);
        this.logMacro(name, 'INFO', 'Macro started');
        this.#runTopLevel(name, source);
      }
    this.#core.event('Macros.Runtime.Ready');
  }

  /** Of JavaScript only this much is understood: lines that log or throw a plain text. What throws runs no more. */
  #runTopLevel(name: string, source: string): void {
    for (const [, word = '', text = ''] of source.matchAll(TOP_LEVEL)) {
      this.logMacro(name, LEVELS[word] ?? 'ERROR', text);
      if (LEVELS[word] !== undefined) continue;
      this.running.delete(name);
      return;
    }
  }

  stopMacros(): void {
    this.running.clear();
  }

  /** A macro was saved, activated, deactivated or removed: it takes effect now, or with the next restart of the runtime. */
  macroChanged(name: string): void {
    if (this.#core.settings.macroTakesEffect === 'at-restart') return;
    const macro = this.macros.get(name);
    if (macro?.active === true && !this.macrosAreOff) this.running.set(name, macro.source);
    else this.running.delete(name);
  }

  /** A macro writes a line to its console. */
  logMacro(macro: string, level: string, message: string): void {
    this.#lastOffset += 1;
    const timestamp = deviceTime(this.#core.now());
    this.macroLog.push({ offset: this.#lastOffset, timestamp, level, macro, message });
    if (this.macroLog.length > LOG_LENGTH) this.macroLog.shift();
    this.#core.event('Macros.Log', {
      Level: level,
      Macro: macro,
      Message: message,
      Offset: this.#lastOffset,
      Timestamp: timestamp,
    });
  }

  /** Puts a picture in place, by whomever; `customId` is empty where the uploader gave none. */
  brand(type: string, base64: string, customId: string): void {
    this.branding.set(type, base64);
    this.#showCustomId(type, customId);
    this.#core.event('UserInterface.Branding.Updated', { Type: type });
  }

  unbrand(type: string): void {
    this.branding.delete(type);
    this.#showCustomId(type, '');
  }

  /** A service certificate is the one that is used for a purpose; the one before is no longer. */
  activateService(certificate: ServiceCertificate, purpose: string): void {
    for (const other of this.serviceCertificates) other.purposes.delete(purpose);
    certificate.purposes.add(purpose);
    if (purpose === 'HTTPS') this.#showCertificate(certificate);
  }

  deactivateService(certificate: ServiceCertificate, purpose: string): void {
    if (certificate.purposes.delete(purpose) && purpose === 'HTTPS') this.#showCertificate(null);
  }

  #showCustomId(type: string, customId: string): void {
    if (this.#core.settings.brandingCustomId)
      this.#core.setOfferedStatus(`UserInterface.Branding.CustomId.${type}`, customId);
  }
}
