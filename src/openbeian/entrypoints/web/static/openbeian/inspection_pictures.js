// Photographs and signatures on the phone: their hash, their time, a small picture to look at, a name drawn by finger.

window.InspectionPictures = (() => {
  const THUMBNAIL_PX = 144;

  async function hash(buffer) {
    const digest = await crypto.subtle.digest("SHA-256", buffer);
    return [...new Uint8Array(digest)].map((n) => n.toString(16).padStart(2, "0")).join("");
  }

  // DateTimeOriginal of a JPEG as "2026-11-20 12:00", or "" where it tells none. Only looked at, for the person; the
  // server reads the time again from the file itself.
  function readTakenAt(buffer) {
    try {
      const view = new DataView(buffer);
      if (view.getUint16(0) !== 0xffd8) return "";
      let at = 2;
      while (at + 4 < view.byteLength && view.getUint8(at) === 0xff) {
        const marker = view.getUint8(at + 1);
        const length = view.getUint16(at + 2);
        if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return readExif(view, at + 10);
        if (marker === 0xda) return "";
        at += 2 + length;
      }
    } catch (fault) {
      // A file that ends early tells no time.
    }
    return "";
  }

  function readExif(view, start) {
    const little = view.getUint16(start) === 0x4949;
    const u16 = (at) => view.getUint16(start + at, little);
    const u32 = (at) => view.getUint32(start + at, little);
    const find = (directory, tag) => {
      for (let n = 0; n < Math.min(u16(directory), 200); n += 1) {
        const at = directory + 2 + 12 * n;
        if (u16(at) === tag) return u32(at + 8);
      }
      return 0;
    };
    const block = find(u32(4), 0x8769);
    const place = block && find(block, 0x9003);
    if (!place) return "";
    let text = "";
    for (let n = 0; n < 19; n += 1) text += String.fromCharCode(view.getUint8(start + place + n));
    const found = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}):\d{2}$/.exec(text);
    return found ? `${found[1]}-${found[2]}-${found[3]} ${found[4]}` : "";
  }

  async function makeThumbnail(buffer, type) {
    try {
      const picture = await createImageBitmap(new Blob([buffer], { type }));
      const scale = Math.min(1, THUMBNAIL_PX / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/jpeg", 0.7);
    } catch (fault) {
      return "";
    }
  }

  // Lets a finger, pen or mouse draw; `isEmpty` until it has.
  function makePad(canvas) {
    const pen = canvas.getContext("2d");
    let drawing = false;
    let strokes = 0;
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = "#10141a";
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      drawing = true;
      pen.beginPath();
      pen.moveTo(...place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...place(event));
      pen.stroke();
      strokes += 1;
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drawing = false; });
    return {
      isEmpty: () => strokes < 5,
      clear: () => { pen.clearRect(0, 0, canvas.width, canvas.height); strokes = 0; },
      read: () => new Promise((resolve) => { canvas.toBlob(async (blob) => resolve(await blob.arrayBuffer()), "image/png"); }),
    };
  }

  return { hash, readTakenAt, makeThumbnail, makePad };
})();
