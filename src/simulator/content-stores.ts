import type { DeviceCore } from './device-core.ts';

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

/** What a device keeps for others: panels, macros, branding, the sign-in banner and certificate authorities. All of it survives a reboot. */
export class ContentStores {
  readonly #core: DeviceCore;
  readonly panels = new Map<string, Panel>();
  readonly macros = new Map<string, DeviceMacro>();
  /** By type, the base64 text that was uploaded. */
  readonly branding = new Map<string, string>();
  /** PEM certificates that HttpFeedback trusts. */
  readonly certificateAuthorities: string[] = [];
  signInBanner = '';

  constructor(core: DeviceCore) {
    this.#core = core;
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

  /** A person uses a widget. */
  actWidget(widgetId: string, type: string, value: string): void {
    this.#core.event('UserInterface.Extensions.Widget.Action', {
      WidgetId: widgetId,
      Type: type,
      Value: value,
    });
  }

  restartMacros(): void {
    this.#core.event('Macros.Runtime.Reloading');
    this.#core.event('Macros.Runtime.Ready');
  }
}
