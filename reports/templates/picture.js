"use strict";
// The map as it is shown, to send: its address, or a PNG picture with title, legend, date and release.
//
// Nothing is fetched. Shapes go through an image made of the page's own; words are written on the canvas afterwards,
// where they have the page's fonts: within an image they would have none of them, and Burmese would be boxes.
// `named()` is the name of the file without its ending. Not here: what the map shows (map.js).
function mapPicture(map, named) {
  var SVG = "http://www.w3.org/2000/svg", WIDE = 1200, EDGE = 32, SIDE = 380, SWATCH = 46;
  var bar = document.getElementById("map-send");
  var said = document.getElementById("map-sent");
  var language = document.documentElement.lang;
  var family = getComputedStyle(document.getElementById("map-title")).fontFamily;

  function tell(name) { said.textContent = bar.getAttribute("data-" + name); }
  function node(name, attributes) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  // ---- words on the canvas -----------------------------------------------------------------------------------
  // Burmese has no blanks between words: without a segmenter a line breaks at any letter that begins a syllable.
  function pieces(text) {
    if (window.Intl && Intl.Segmenter) {
      return Array.from(new Intl.Segmenter(language, { granularity: "word" }).segment(text), function (one) { return one.segment; });
    }
    return text.split(/(\s+)/);
  }
  function lines(pen, text, wide) {
    var found = [""];
    pieces(text.replace(/\s+/g, " ").trim()).forEach(function (piece) {
      var longer = found[found.length - 1] + piece;
      if (pen.measureText(longer).width <= wide || !found[found.length - 1]) { found[found.length - 1] = longer; }
      else { found.push(piece.replace(/^\s+/, "")); }
    });
    return found;
  }
  // Writes (or, with no `pen.filled`, only measures) a text in lines; gives back where the next one begins.
  function write(pen, text, look, x, y, wide, onto) {
    pen.font = look.weight + " " + look.size + "px " + family;
    lines(pen, text, wide).forEach(function (line) {
      y += look.size * look.lead;
      if (onto) { pen.fillStyle = look.fill; pen.fillText(line, x, y - look.size * (look.lead - 1)); }
    });
    return y;
  }
  var LEAD = language === "my" ? 1.75 : 1.35;
  var HEAD = { weight: 700, size: 34, fill: "#17324d", lead: LEAD }, MONTH = { weight: 700, size: 26, fill: "#1b1f24", lead: LEAD };
  var ROW = { weight: 400, size: 21, fill: "#1b1f24", lead: LEAD }, SMALL = { weight: 400, size: 16, fill: "#4a5560", lead: LEAD };

  function words(selector) {
    var found = document.querySelector(selector);
    return found ? found.textContent.trim() : "";
  }
  // Title, month and legend down the left side; `swatches` gets the place of each.
  function side(pen, onto, swatches) {
    var y = write(pen, words("#map-title .map-shows"), HEAD, EDGE, EDGE, SIDE, onto);
    y = write(pen, words("#map-title .map-when"), MONTH, EDGE, y + 6, SIDE, onto);
    if (words("#map-title .map-note")) { y = write(pen, words("#map-title .map-note"), SMALL, EDGE, y, SIDE, onto); }
    y += 22;
    Array.prototype.forEach.call(document.querySelectorAll("#map-legend tr"), function (row) {
      var text = row.querySelector("th").textContent.trim() + " (" + row.querySelector("td").textContent.trim() + ")";
      var end = write(pen, text, ROW, EDGE + SWATCH + 14, y, SIDE - SWATCH - 14, onto);
      if (swatches) { swatches.push({ row: row, y: y + 4 }); }
      y = Math.max(end, y + 34) + 8;
    });
    return y;
  }
  // Every word of the map where it stands on it, with its looks: the page's matrix for each leads to the canvas.
  function labels(pen, frame, place) {
    var scale = place.width / frame.width;
    pen.save();
    pen.beginPath();
    pen.rect(place.x, place.y, place.width, place.height);
    pen.clip();
    Array.prototype.forEach.call(map.querySelectorAll("text"), function (text) {
      if (!text.getNumberOfChars()) { return; }
      var look = getComputedStyle(text), way = text.getScreenCTM(), start = text.getStartPositionOfChar(0);
      pen.setTransform(scale * way.a, scale * way.b, scale * way.c, scale * way.d,
        place.x + scale * (way.e - frame.left), place.y + scale * (way.f - frame.top));
      pen.font = look.fontWeight + " " + look.fontSize + " " + look.fontFamily;
      pen.lineJoin = "round";
      var halo = look.stroke === "none" ? 0 : parseFloat(look.strokeWidth);
      if (halo > 0) {  // a canvas takes no width of 0 and keeps the one before
        pen.strokeStyle = look.stroke;
        pen.lineWidth = halo;
        pen.globalAlpha = Number(look.strokeOpacity);
        pen.strokeText(text.textContent, start.x, start.y);
      }
      pen.fillStyle = look.fill;
      pen.globalAlpha = Number(look.fillOpacity);
      pen.fillText(text.textContent, start.x, start.y);
      pen.globalAlpha = 1;
    });
    pen.restore();
  }

  // ---- shapes ------------------------------------------------------------------------------------------------
  function drawing(height, place, swatches) {
    var sheet = node("svg", { width: WIDE, height: height, viewBox: "0 0 " + WIDE + " " + height });
    var style = node("style", {}), copy = map.cloneNode(true), store = document.querySelector("svg.store");
    style.textContent = document.querySelector("style").textContent;
    sheet.appendChild(style);
    if (store) { sheet.appendChild(store.cloneNode(true)); }
    copy.removeAttribute("id");
    Array.prototype.forEach.call(copy.querySelectorAll("text, title, .ring"), function (one) { one.remove(); });
    ["x", "y", "width", "height"].forEach(function (name) {
      copy.setAttribute(name, place[name]);
      if (name.length > 1) { copy.style[name] = place[name] + "px"; }
    });
    sheet.appendChild(copy);
    swatches.forEach(function (one) {
      var swatch = one.row.querySelector("svg").cloneNode(true);
      [["x", EDGE], ["y", one.y], ["width", SWATCH], ["height", 29]].forEach(function (pair) { swatch.setAttribute(pair[0], pair[1]); });
      sheet.appendChild(swatch);
    });
    return "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(sheet));
  }
  function picture(done, failed) {
    var canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), image = new Image(), swatches = [];
    var frame = map.getBoundingClientRect(), wide = WIDE - SIDE - 3 * EDGE;
    var place = { x: SIDE + 2 * EDGE, y: EDGE, width: wide, height: Math.round(wide * frame.height / frame.width) };
    var body = Math.max(side(pen, false, swatches), place.y + place.height) + 18;
    var foot = bar.getAttribute("data-foot"), height = Math.ceil(write(pen, foot, SMALL, EDGE, body, WIDE - 2 * EDGE, false)) + EDGE;
    canvas.width = WIDE;
    canvas.height = height;
    image.onerror = failed;
    image.onload = function () {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, WIDE, height);
      pen.drawImage(image, 0, 0);
      labels(pen, frame, place);
      side(pen, true, null);
      write(pen, foot, SMALL, EDGE, body, WIDE - 2 * EDGE, true);
      canvas.toBlob(function (blob) { if (blob) { done(blob); } else { failed(); } }, "image/png");
    };
    image.src = drawing(height, place, swatches);
  }
  function save() {
    picture(function (blob) {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = named() + ".png";
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
      tell("saved");
    }, function () { tell("failed"); });
  }

  // ---- the address -------------------------------------------------------------------------------------------
  // A page opened from a disk has an address for others only where the release was told one.
  function address() {
    var own = document.querySelector("meta[property='og:url']");
    return location.protocol === "file:" && own ? own.content + location.hash : location.href;
  }
  // Without a secure connection a browser has no clipboard for scripts; a selected field is copied all the same.
  function byField(text) {
    var field = document.createElement("textarea"), copied = false;
    field.value = text;
    document.body.appendChild(field);
    field.select();
    try { copied = document.execCommand("copy"); } catch (error) { copied = false; }
    field.remove();
    return copied;
  }
  function copy() {
    var text = address(), good = text.indexOf("file:") === 0 ? "disk" : "copied";
    function fallback() { tell(byField(text) ? good : "uncopied"); }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(text).then(function () { tell(good); }, fallback);
    } else { fallback(); }
  }
  document.getElementById("map-copy").addEventListener("click", copy);
  document.getElementById("map-save").addEventListener("click", save);
  bar.hidden = false;
}
