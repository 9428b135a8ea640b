"""Runs a SELECT of SQLAlchemy over tables whose rows and cells are formulas, with NULL as SQL has it.

What comes out are the formulas of the rows: under which condition each is there, and its cells. So
a proof is about the very expression that the warehouse runs. A value is a pair: whether it is NULL,
and what it is otherwise; constants stay Python's, so that joins over fixed keys vanish at once.
Days are numbers such as 20250801; texts that meet a formula are numbered.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial, reduce
from itertools import product
from typing import Any

import z3
from sqlalchemy import Table
from sqlalchemy.sql import elements as el
from sqlalchemy.sql import functions as fn
from sqlalchemy.sql import operators as op
from sqlalchemy.sql import selectable as sel

Formula = Any
NUMBERS: dict[str, int] = {}


@dataclass(frozen=True)
class Value:
    """A cell: ``null`` is a condition, ``value`` counts only where it does not hold."""

    null: Formula
    value: Formula


NULL = Value(True, 0)


def constant(value: Any) -> Value:
    """A cell that is known."""
    return NULL if value is None else Value(False, fold_constant(value))


def fold_constant(value: Any) -> Any:
    """A Python value as formulas have it: days are numbers."""
    if isinstance(value, date):
        return value.year * 10_000 + value.month * 100 + value.day
    return str(value) if isinstance(value, str) else value


def number_text(text: str) -> int:
    """The number of a text; the same text has the same."""
    return NUMBERS.setdefault(text, len(NUMBERS) + 1)


def both(*conditions: Formula) -> Formula:
    """All of the conditions."""
    plain = [c for c in conditions if not z3.is_expr(c)]
    if not all(plain):
        return False
    left = [c for c in conditions if z3.is_expr(c)]
    return z3.And(*left) if len(left) > 1 else (left[0] if left else True)


def either(*conditions: Formula) -> Formula:
    """One of the conditions."""
    if any(c for c in conditions if not z3.is_expr(c)):
        return True
    left = [c for c in conditions if z3.is_expr(c)]
    return z3.Or(*left) if len(left) > 1 else (left[0] if left else False)


def negate(condition: Formula) -> Formula:
    """The opposite."""
    return z3.Not(condition) if z3.is_expr(condition) else not condition


def choose(condition: Formula, then: Formula, other: Formula) -> Formula:
    """One value or the other."""
    if not z3.is_expr(condition):
        return then if condition else other
    if not z3.is_expr(then) and not z3.is_expr(other) and then == other:
        return then
    one, two = _as_formula(then), _as_formula(other)
    if one.sort() != two.sort():
        # What NULL has for a value is never read.
        one, two = (one, z3.BoolVal(False)) if z3.is_bool(one) else (z3.BoolVal(False), two)
    return z3.If(condition, one, two)


def _as_formula(value: Any) -> Formula:
    if z3.is_expr(value):
        return value
    if isinstance(value, bool):
        return z3.BoolVal(value)
    return z3.IntVal(number_text(value) if isinstance(value, str) else value)


def compare(sign: Callable[[Any, Any], Any], one: Any, other: Any) -> Formula:
    """A comparison of two values that are not NULL."""
    if z3.is_expr(one) or z3.is_expr(other):
        return sign(_as_formula(one), _as_formula(other))
    return sign(one, other)


def holds(value: Value) -> Formula:
    """Whether a condition is true: neither false nor NULL."""
    return both(negate(value.null), value.value)


@dataclass(frozen=True)
class Row:
    """A row that is there if a condition holds; cells by the FROM they come from and their name."""

    present: Formula
    cells: Mapping[Any, Mapping[str, Value]]


@dataclass
class SymbolicQuery:
    """Evaluates queries over ``tables``: a list of presence and cells for each table."""

    tables: Mapping[str, Sequence[tuple[Formula, Mapping[str, Value]]]]
    _made: dict[int, Any] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)

    def select(self, query: Any, outer: Mapping[Any, Any] | None = None) -> list[Any]:
        """The rows of a query: presence and cells by name."""
        if isinstance(query, sel.CompoundSelect):
            return self._unite(query, outer or {})
        if isinstance(query, sel.SelectStatementGrouping | el.Grouping):
            return self.select(query.element, outer)
        rows = self._find_rows(query, outer or {})
        names = list(query.selected_columns.keys())
        columns = list(query.selected_columns)
        if query._group_by_clauses or _has_aggregate(columns):
            found = list(self._group(query, rows, columns, names))
        else:
            windows = [Row(row.present, row.cells) for row in rows]
            found = [
                (row.present, dict(zip(names, self._cells(columns, row, windows), strict=True)))
                for row in rows
            ]
        return _make_distinct(found) if query._distinct else found

    def _cells(self, columns: Sequence[Any], row: Row, rows: Sequence[Row]) -> list[Value]:
        return [self.evaluate(column, row, rows) for column in columns]

    def _unite(self, query: sel.CompoundSelect, outer: Mapping[Any, Any]) -> list[Any]:
        names = list(query.selected_columns.keys())
        found = [
            (present, dict(zip(names, cells.values(), strict=True)))
            for part in query.selects
            for present, cells in self.select(part, outer)
        ]
        is_all = query.keyword.name == "UNION_ALL"
        return found if is_all else _make_distinct(found)

    def _find_rows(self, query: Any, outer: Mapping[Any, Any]) -> list[Row]:
        """The rows of FROM that meet WHERE; what the query around has is not selected again."""
        froms = [one for one in _list_froms(query) if one not in outer]
        parts = [list(self._list_from(one)) for one in froms]
        rows = []
        for combination in product(*parts):
            cells = dict(outer)
            for part in combination:
                cells |= part.cells
            row = Row(both(*(part.present for part in combination)), cells)
            present = row.present
            for condition in query._where_criteria:
                if present is False:
                    break
                present = both(present, holds(self.evaluate(condition, row, [])))
            if present is not False:
                rows.append(Row(present, cells))
        return rows

    def _list_from(self, source: Any) -> Iterator[Row]:
        if isinstance(source, sel.Join):
            yield from self._join(source)
            return
        for present, cells in self._read(source):
            if present is not False:
                yield Row(present, {source: cells})

    def _read(self, source: Any) -> Sequence[Any]:
        """The rows of a table, an alias, a subquery or a CTE; each is evaluated once."""
        key = id(source)
        if key not in self._made:
            self._kept.append(source)
            if isinstance(source, Table):
                empty = {c.key: NULL for c in source.c}
                rows = self.tables.get(source.name, [])
                self._made[key] = [(present, {**empty, **cells}) for present, cells in rows]
            elif isinstance(source, sel.Subquery | sel.CTE):
                self._made[key] = self.select(source.element)
            else:
                self._made[key] = self._read(source.element)
        found: Sequence[Any] = self._made[key]
        return found

    def _join(self, join: sel.Join) -> Iterator[Row]:
        for left in self._list_from(join.left):
            matches = []
            for right in self._list_from(join.right):
                row = Row(both(left.present, right.present), {**left.cells, **right.cells})
                meets = both(right.present, holds(self.evaluate(join.onclause, row, [])))
                if meets is False:
                    continue
                matches.append(meets)
                yield Row(both(left.present, meets), row.cells)
            if join.isouter:
                alone = both(left.present, negate(either(*matches)))
                if alone is not False:
                    empty = {c.key: NULL for c in join.right.c}
                    yield Row(alone, {**left.cells, join.right: empty})

    def _group(
        self, query: Any, rows: list[Row], columns: Sequence[Any], names: Sequence[str]
    ) -> Iterator[Any]:
        """One row per group: the first of its rows stands for it."""
        keys = [self._cells(query._group_by_clauses, row, rows) for row in rows]
        buckets = _gather([(row.present, key) for row, key in zip(rows, keys, strict=True)])
        for place, (members, present, own_keys) in enumerate(buckets):
            before = (both(p, _are_equal(own_keys, k)) for _, p, k in buckets[:place])
            first = both(present, *map(negate, before))
            if first is False:
                continue
            own = [
                Row(both(other.present, same), other.cells)
                for other, key in zip(rows, keys, strict=True)
                if (same := _are_equal(own_keys, key)) is not False
            ]
            row = rows[members[0]]
            cells = [self.evaluate(c, row, own, grouped=True) for c in columns]
            having = [
                holds(self.evaluate(c, row, own, grouped=True)) for c in query._having_criteria
            ]
            yield both(first, *having), dict(zip(names, cells, strict=True))
        if not rows and not query._group_by_clauses:
            empty = Row(True, {})
            yield (
                True,
                {
                    n: self.evaluate(c, empty, [], grouped=True)
                    for n, c in zip(names, columns, strict=True)
                },
            )

    def evaluate(self, node: Any, row: Row, rows: Sequence[Row], *, grouped: bool = False) -> Value:
        """The value of an expression for a row; ``rows``: those of its window or group."""

        def again(part: Any) -> Value:
            return self.evaluate(part, row, rows, grouped=grouped)

        match node:
            case el.Label() | el.Grouping() | el.TypeCoerce() | el.Cast():
                inner = node.element if not isinstance(node, el.Cast) else node.clause
                return again(inner)
            case el.BindParameter():
                return constant(node.effective_value)
            case el.Null():
                return NULL
            case el.True_():
                return Value(False, True)
            case el.False_():
                return Value(False, False)
            case el.ExpressionClauseList():
                return _combine(node.operator, [again(part) for part in node.clauses])
            case el.Case():
                return self._case(node, again)
            case el.Over():
                return self._window(node, row, rows)
            case el.Extract():
                return _extract(node.field, again(node.expr))
            case sel.Exists() | el.UnaryExpression():
                return self._unary(node, row, again)
            case sel.ScalarSelect():
                return self._scalar(node, row)
            case fn.FunctionElement():
                return self._function(node, row, rows, grouped=grouped)
            case el.BinaryExpression():
                return self._binary(node, again)
            case el.ColumnClause():
                return row.cells[node.table][node.key]
        raise NotImplementedError(f"{type(node).__name__}: {node}")

    def _case(self, node: el.Case[Any], again: Callable[[Any], Value]) -> Value:
        chosen = again(node.else_) if node.else_ is not None else NULL
        for condition, then in reversed(node.whens):
            meets, value = holds(again(condition)), again(then)
            chosen = Value(
                choose(meets, value.null, chosen.null), choose(meets, value.value, chosen.value)
            )
        return chosen

    def _window(self, node: el.Over[Any], row: Row, rows: Sequence[Row]) -> Value:
        by = list(node.partition_by) if node.partition_by is not None else []
        own = [self.evaluate(part, row, []) for part in by]
        peers = [
            Row(both(other.present, _are_equal(own, keys)), other.cells)
            for other in rows
            for keys in [[self.evaluate(part, other, []) for part in by]]
        ]
        return self._function(node.element, row, peers, grouped=True)

    def _unary(self, node: Any, row: Row, again: Callable[[Any], Value]) -> Value:
        if isinstance(node, sel.Exists) or node.operator is op.exists:
            query = node.element
            while not isinstance(query, sel.Select):
                query = query.element
            # What it would select does not matter, only whether there is a row.
            return Value(False, either(*(r.present for r in self._find_rows(query, row.cells))))
        value = again(node.element)
        if node.operator in (op.inv, op.is_false):
            return Value(value.null, negate(value.value))
        return value

    def _scalar(self, node: sel.ScalarSelect[Any], row: Row) -> Value:
        """The one cell of a scalar subquery; NULL where it has no row."""
        found = NULL
        for present, cells in self.select(node.element, row.cells):
            (cell,) = cells.values()
            found = Value(
                choose(present, cell.null, found.null), choose(present, cell.value, found.value)
            )
        return found

    def _function(self, node: Any, row: Row, rows: Sequence[Row], *, grouped: bool) -> Value:
        name, parts = node.name.lower(), list(node.clauses)
        if name in ("max", "min", "count", "sum"):
            return self._aggregate(name, parts, rows)
        values = [self.evaluate(part, row, rows, grouped=grouped) for part in parts]
        if name == "coalesce":
            found = values[-1]
            for value in reversed(values[:-1]):
                found = Value(
                    both(value.null, found.null), choose(value.null, found.value, value.value)
                )
            return found
        return _apply_to_texts(name, values)

    def _aggregate(self, name: str, parts: Sequence[Any], rows: Sequence[Row]) -> Value:
        (part,) = parts
        if name == "count" and getattr(part, "key", None) == "*":
            return Value(False, _add(choose(row.present, 1, 0) for row in rows))
        distinct = isinstance(part, el.UnaryExpression) and part.operator is op.distinct_op
        inner = part.element if distinct else part
        cells = [(row.present, self.evaluate(inner, row, [])) for row in rows]
        counted = [(both(present, negate(cell.null)), cell.value) for present, cell in cells]
        if name == "count":
            firsts = [
                both(
                    present,
                    *(
                        negate(both(earlier, compare(operator.eq, before, value)))
                        for earlier, before in (counted[:n] if distinct else [])
                    ),
                )
                for n, (present, value) in enumerate(counted)
            ]
            return Value(False, _add(choose(first, 1, 0) for first in firsts))
        if name == "sum":
            total = _add(choose(present, value, 0) for present, value in counted)
            return Value(negate(either(*(present for present, _ in counted))), total)
        sign = operator.gt if name == "max" else operator.lt
        return _find_extreme(sign, counted)

    def _binary(self, node: el.BinaryExpression[Any], again: Callable[[Any], Value]) -> Value:
        sign = node.operator
        if sign in (op.in_op, op.not_in_op):
            return self._contains(node, again)
        left, right = again(node.left), again(node.right)
        if sign in (op.is_, op.is_not):
            same = _is_same(left, right)
            return Value(False, same if sign is op.is_ else negate(same))
        return _apply(sign, left, right)

    def _contains(self, node: el.BinaryExpression[Any], again: Callable[[Any], Value]) -> Value:
        left, right = again(node.left), node.right
        if isinstance(right, el.Grouping):
            right = right.element
        if isinstance(right, el.BindParameter):
            values = [constant(one) for one in right.effective_value]
        elif isinstance(right, el.ClauseList | el.ExpressionClauseList):
            values = [again(part) for part in right.clauses]
        else:
            query = right.element if isinstance(right, sel.ScalarSelect) else right
            rows = self.select(query)
            values = [next(iter(cells.values())) for present, cells in rows if present is not False]
            if rows:
                raise NotImplementedError("IN of a query with rows")
        found = either(*(compare(operator.eq, left.value, v.value) for v in values))
        is_in = node.operator is op.in_op
        return Value(left.null if values else False, found if is_in else negate(found))


_COMPARISONS = {
    op.eq: operator.eq,
    op.ne: operator.ne,
    op.lt: operator.lt,
    op.le: operator.le,
    op.gt: operator.gt,
    op.ge: operator.ge,
}
_ARITHMETIC = {op.add: operator.add, op.sub: operator.sub, op.mul: operator.mul}


def _list_froms(query: sel.Select[Any]) -> list[Any]:
    """What a query selects from; SQLAlchemy's own answer compiles the whole query for it."""
    if query._setup_joins:
        return list(query.get_final_froms())
    parts = [*query._raw_columns, *query._where_criteria, *query._from_obj]
    froms = list(dict.fromkeys(one for part in parts for one in part._from_objects))
    hidden = {inner for one in froms for inner in one._hide_froms}
    return [one for one in froms if one not in hidden]


def _has_aggregate(columns: Sequence[Any]) -> bool:
    return any(
        isinstance(inner, fn.FunctionElement) and inner.name in ("max", "min", "count", "sum")
        for inner in (c.element if isinstance(c, el.Label) else c for c in columns)
    )


def _apply(sign: Any, left: Value, right: Value) -> Value:
    """An operator of two values; NULL where one of them is."""
    null = either(left.null, right.null)
    if sign in _COMPARISONS:
        return Value(null, compare(_COMPARISONS[sign], left.value, right.value))
    if isinstance(left.value, str) or isinstance(right.value, str):
        if z3.is_expr(left.value) or z3.is_expr(right.value):
            raise NotImplementedError("a text made of formulas")
        return Value(null, f"{left.value}{right.value}")
    result = _ARITHMETIC[sign](left.value, right.value)
    whole = _WHOLE.get(result.get_id()) if z3.is_expr(result) else None
    return Value(null, whole[1] if whole else result)


def _combine(sign: Any, values: Sequence[Value]) -> Value:
    """AND and OR of three values; of other operators, one after the other."""
    if sign not in (op.and_, op.or_):
        return reduce(partial(_apply, sign), values)
    trues = [holds(value) for value in values]
    falses = [both(negate(value.null), negate(value.value)) for value in values]
    if sign is op.and_:
        is_true, is_false = both(*trues), either(*falses)
    else:
        is_true, is_false = either(*trues), both(*falses)
    return Value(both(negate(is_true), negate(is_false)), is_true)


def _is_same(left: Value, right: Value) -> Formula:
    """Whether two values are not distinct, NULL included."""
    equal = compare(operator.eq, left.value, right.value)
    return either(both(left.null, right.null), both(negate(left.null), negate(right.null), equal))


def _are_equal(one: Sequence[Value], other: Sequence[Value]) -> Formula:
    return both(*(_is_same(a, b) for a, b in zip(one, other, strict=True)))


def _make_distinct(rows: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    buckets = _gather([(present, list(cells.values())) for present, cells in rows])
    for place, (members, present, own) in enumerate(buckets):
        before = (both(p, _are_equal(own, k)) for _, p, k in buckets[:place])
        first = both(present, *map(negate, before))
        if first is not False:
            found.append((first, rows[members[0]][1]))
    return found


Bucket = tuple[list[int], Formula, list[Value]]


def _gather(rows: Sequence[tuple[Formula, list[Value]]]) -> list[Bucket]:
    """Rows whose cells are the same formulas, together: their places, and whether one is there."""
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, (_, cells) in enumerate(rows):
        places.setdefault(tuple(map(_identify, cells)), []).append(place)
    return [(own, either(*(rows[n][0] for n in own)), rows[own[0]][1]) for own in places.values()]


def _identify(cell: Value) -> tuple[Any, ...]:
    """Equal only for cells that are the same; z3 keeps each formula once."""
    return tuple(
        ("formula", part.get_id()) if z3.is_expr(part) else (type(part), part)
        for part in (cell.null, cell.value)
    )


def _add(numbers: Iterator[Formula]) -> Formula:
    return sum(numbers, start=0)


def _find_extreme(sign: Any, counted: Sequence[tuple[Formula, Formula]]) -> Value:
    found = NULL
    for present, value in counted:
        better = either(found.null, compare(sign, value, found.value))
        taken = both(present, better)
        found = Value(both(found.null, negate(present)), choose(taken, value, found.value))
    return found


_OF_TEXTS: dict[str, Callable[..., Formula]] = {
    "lower": str.lower,
    "replace": str.replace,
    "strpos": lambda text, part: text.find(part) + 1,
    "translate": lambda text, signs, others: text.translate(
        {ord(s): others[n] if n < len(others) else None for n, s in enumerate(signs)}
    ),
}


def _apply_to_texts(name: str, values: Sequence[Value]) -> Value:
    """A function of texts, which are known; NULL where one of them is."""
    if any(v.null is True for v in values):
        return NULL
    if name not in _OF_TEXTS or any(z3.is_expr(v.value) for v in values):
        raise NotImplementedError(name)
    return Value(either(*(v.null for v in values)), _OF_TEXTS[name](*(v.value for v in values)))


# Sums of year, month and day that are the whole number again, which a solver sees only with effort.
_WHOLE: dict[int, tuple[Formula, Formula]] = {}


def _extract(part: str, day: Value) -> Value:
    """Year, month or day of a number such as 20250801."""
    number = day.value
    if not z3.is_expr(number):
        return Value(day.null, _cut(number, operator.floordiv)[part])
    parts = _cut(number, operator.truediv)
    whole = parts["year"] * 10_000 + parts["month"] * 100 + parts["day"]
    _WHOLE[whole.get_id()] = whole, number
    return Value(day.null, parts[part])


def _cut(number: Formula, divide: Callable[[Any, Any], Any]) -> dict[str, Formula]:
    hundreds = divide(number, 100)
    return {"year": divide(number, 10_000), "month": hundreds % 100, "day": number % 100}
