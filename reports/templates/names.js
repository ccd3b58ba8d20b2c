"use strict";
// Names of townships on the enlarged map, each where it fits into its shape. Not here: which part is seen (zoom.js).
//
// `seats` are the shapes by township, `name(township)` the words and their language, `part()` the part of the sheet seen,
// null while it moves.
function mapNames(map, seats, name, part) {
  var SVG = "http://www.w3.org/2000/svg", LEAST = 2, ROWS = 9, COLUMNS = 18;
  var holder = document.createElementNS(SVG, "g");
  var boxes = [], rooms = [], texts = {}, waiting = 0;
  holder.setAttribute("aria-hidden", "true");
  document.getElementById("map-sheet").appendChild(holder);

  function box(township) { return boxes[township] || (boxes[township] = seats[township].getBBox()); }
  // The level stretches that lie within the shape, the best first: a shape's middle often lies outside of it.
  function room(township) {
    if (rooms[township]) { return rooms[township]; }
    var path = document.querySelector(seats[township].querySelector("use").getAttribute("href"));
    var own = box(township), point = map.createSVGPoint(), found = [];
    for (var row = 1; row < ROWS; row += 1) {
      var longest = 0, run = 0, end = 0;
      point.y = own.y + own.height * row / ROWS;
      for (var column = 0; column <= COLUMNS; column += 1) {
        point.x = own.x + own.width * (column + 0.5) / COLUMNS;
        run = column < COLUMNS && path.isPointInFill(point) ? run + 1 : 0;
        if (run > longest) { longest = run; end = column + 1; }
      }
      if (longest) {
        found.push({ x: own.x + own.width * (end - longest / 2) / COLUMNS, y: point.y, wide: own.width * longest / COLUMNS,
          off: Math.abs(row - ROWS / 2) });
      }
    }
    function worth(one) { return one.wide * (1 - 1.5 * one.off / ROWS); }  // rather in the middle of the height
    found.sort(function (a, b) { return worth(b) - worth(a); });
    rooms[township] = found;
    return found;
  }
  function text(township, size) {
    var words = name(township), key = words.lang + township;
    if (!texts[key]) {
      var made = document.createElementNS(SVG, "text");
      made.setAttribute("class", "s n");
      made.setAttribute("lang", words.lang);
      made.textContent = words.text;
      holder.appendChild(made);
      texts[key] = { node: made, wide: made.getComputedTextLength() * size, high: parseFloat(getComputedStyle(made).fontSize) * size };
    }
    return texts[key];
  }
  function apart(one, other) {
    return one.right < other.left || one.left > other.right || one.bottom < other.top || one.top > other.bottom;
  }
  function around(x, y, wide, high) { return { left: x - wide / 2, right: x + wide / 2, top: y - high, bottom: y + high * 0.3 }; }
  function draw() {
    var seen = part();
    if (!seen) { later(); return; }
    var size = seen.size, taken = [];
    holder.textContent = "";
    if (size < LEAST) { return; }
    Array.prototype.forEach.call(map.querySelectorAll("#map-sheet .s:not(.n)"), function (label) {
      var own = label.getBBox();
      if (own.width) { taken.push({ left: own.x, right: own.x + own.width, top: own.y, bottom: own.y + own.height }); }
    });
    seats.forEach(function (seat, township) {
      var own = box(township);
      if (own.x > seen.right || own.x + own.width < seen.left || own.y > seen.bottom || own.y + own.height < seen.top) { return; }
      if (own.width * size < 30 || own.height * size < 16) { return; }
      var label = text(township, size), wide = label.wide / size, high = label.high / size;
      var place = own.height < high ? undefined : room(township).filter(function (one) {
        var needs = around(one.x, one.y + high * 0.35, wide, high);
        return one.wide >= wide && needs.left >= seen.left && needs.right <= seen.right && needs.top >= seen.top
          && needs.bottom <= seen.bottom && taken.every(function (other) { return apart(needs, other); });
      })[0];
      if (!place) { label.node.remove(); return; }
      taken.push(around(place.x, place.y + high * 0.35, wide, high));
      label.node.setAttribute("x", place.x.toFixed(1));
      label.node.setAttribute("y", (place.y + high * 0.35).toFixed(1));
      holder.appendChild(label.node);
    });
  }
  // Once the map is at rest: names that come and go while it moves only unsettle.
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 260);
  }
  window.addEventListener("resize", function () { texts = {}; later(); });  // letters have other sizes on other screens
  return later;
}
