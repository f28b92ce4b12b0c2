import xapi from 'xapi';

// Says when a presentation begins and ends; a lighting controller can listen in its place.
xapi.Event.PresentationStarted.on(() => console.log('someone presents: lights down'));
xapi.Event.PresentationStopped.on(() => console.log('nobody presents: lights up'));
