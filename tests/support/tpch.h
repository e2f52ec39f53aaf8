// Tables like those of TPC-H, with data of our own making, and its 22 queries over them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pinion::tests {

// One of `values` (a number of them, or SQL for a list), chosen by `row` and nothing
// else; `column` keeps columns apart.
inline std::string AnyOf(const std::string& row, int column, int64_t values) {
  return "(hash(" + row + ", " + std::to_string(column) + ") % " +
         std::to_string(values) + ")::INTEGER";
}
inline std::string AnyOf(const std::string& row, int column, const std::string& list) {
  return list + "[1 + (hash(" + row + ", " + std::to_string(column) + ") % len(" + list +
         "))::BIGINT]";
}
inline std::string Words(const std::string& row, int column) {
  const std::string list =
      "['carefully', 'special', 'requests', 'packages', 'final', 'Customer', "
      "'Complaints', 'deposits', 'sleep', 'even']";
  std::string text = AnyOf(row, column, list);
  for (int i = 1; i < 4; ++i) text += " || ' ' || " + AnyOf(row, column + 100 * i, list);
  return text;
}

// {table, the SQL of its rows}. A `scale` of 1 makes 6 million lines of orders.
inline std::vector<std::pair<std::string, std::string>> TpchTables(double scale) {
  const auto rows = [scale](int64_t n) {
    return static_cast<int64_t>(static_cast<double>(n) * scale) + 10;
  };
  const auto count = [&](int64_t n) { return std::to_string(rows(n)); };
  const std::string types =
      "['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO']";
  const std::string finishes =
      "['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED']";
  const std::string metals = "['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER']";
  const std::string colors =
      "['almond', 'forest', 'green', 'lace', 'navy', 'plum', 'rose', 'tan', 'ivory']";
  const std::string cases = "['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM']";
  const std::string segments =
      "['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD']";
  const std::string priorities =
      "['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']";
  const std::string modes = "['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']";
  const std::string instructions =
      "['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN']";
  const auto phone = [](const std::string& row, const std::string& nation) {
    return "(" + nation + " + 10) || '-' || " + AnyOf(row, 50, 900) + " || '-' || " +
           AnyOf(row, 51, 9000);
  };
  const std::string supplier_nation = AnyOf("x", 1, 25);
  const std::string customer_nation = AnyOf("x", 2, 25);
  const std::string price = "(90000 + (x // 10) % 20001 + 100 * (x % 1000))";
  const std::string order_day = "DATE '1992-01-01' + " + AnyOf("o", 30, 2406);
  return {
      {"region",
       "SELECT x::INTEGER AS r_regionkey, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', "
       "'MIDDLE EAST'][x + 1] AS r_name, " +
           Words("x", 3) + " AS r_comment FROM range(5) t(x)"},
      {"nation",
       "SELECT x::INTEGER AS n_nationkey, ['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', "
       "'EGYPT', 'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN', 'IRAQ', "
       "'JAPAN', 'JORDAN', 'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', "
       "'SAUDI ARABIA', 'VIETNAM', 'RUSSIA', 'UNITED KINGDOM', 'UNITED STATES'][x + 1] "
       "AS n_name, [0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, "
       "3, 1][x + 1]::INTEGER AS n_regionkey FROM range(25) t(x)"},
      {"supplier",
       "SELECT x + 1 AS s_suppkey, 'Supplier#' || lpad((x + 1)::VARCHAR, 9, "
       "'0') AS s_name, 'address ' || " +
           AnyOf("x", 4, 100000) + " AS s_address, " + supplier_nation +
           " AS s_nationkey, " + phone("x", supplier_nation) + " AS s_phone, ((" +
           AnyOf("x", 5, 1099999) + " - 99999) / 100)::DECIMAL(15, 2) AS s_acctbal, " +
           Words("x", 6) + " AS s_comment FROM range(" + count(10000) + ") t(x)"},
      {"customer",
       "SELECT x + 1 AS c_custkey, 'Customer#' || lpad((x + 1)::VARCHAR, 9, '0') AS "
       "c_name, 'address ' || " +
           AnyOf("x", 7, 100000) + " AS c_address, " + customer_nation +
           " AS c_nationkey, " + phone("x", customer_nation) + " AS c_phone, ((" +
           AnyOf("x", 8, 1099999) + " - 99999) / 100)::DECIMAL(15, 2) AS c_acctbal, " +
           AnyOf("x", 9, segments) + " AS c_mktsegment, " + Words("x", 10) +
           " AS c_comment FROM range(" + count(150000) + ") t(x)"},
      {"part", "SELECT x + 1 AS p_partkey, " + AnyOf("x", 11, colors) + " || ' ' || " +
                   AnyOf("x", 12, colors) + " AS p_name, 'Manufacturer#' || (" +
                   AnyOf("x", 13, 5) + " + 1) AS p_mfgr, 'Brand#' || (" +
                   AnyOf("x", 13, 5) + " + 1) || (" + AnyOf("x", 14, 5) +
                   " + 1) AS p_brand, " + AnyOf("x", 15, types) + " || ' ' || " +
                   AnyOf("x", 16, finishes) + " || ' ' || " + AnyOf("x", 17, metals) +
                   " AS p_type, " + AnyOf("x", 18, 50) + " + 1 AS p_size, " +
                   AnyOf("x", 19, "['SM', 'LG', 'MED', 'JUMBO', 'WRAP']") +
                   " || ' ' || " + AnyOf("x", 20, cases) + " AS p_container, (" + price +
                   " / 100)::DECIMAL(15, 2) AS p_retailprice FROM range(" +
                   count(200000) + ") t(x)"},
      {"partsupp", "SELECT x // 4 + 1 AS ps_partkey, (x // 4 + (x % 4) * (" +
                       count(10000) + " // 4)) % " + count(10000) +
                       " + 1 AS ps_suppkey, " + AnyOf("x", 21, 9999) +
                       " + 1 AS ps_availqty, ((" + AnyOf("x", 22, 99901) +
                       " + 100) / 100)::DECIMAL(15, 2) AS ps_supplycost FROM range(4 * " +
                       count(200000) + ") t(x)"},
      {"orders", "SELECT o AS o_orderkey, (hash(o, 31) % (" + count(150000) +
                     " * 2 // 3))::BIGINT * 3 // 2 + 1 AS o_custkey, " +
                     AnyOf("o", 32, "['F', 'O', 'P']") + " AS o_orderstatus, ((" +
                     AnyOf("o", 33, 50000000) +
                     " + 80000) / 100)::DECIMAL(15, 2) AS o_totalprice, (" + order_day +
                     ")::DATE AS o_orderdate, " + AnyOf("o", 34, priorities) +
                     " AS o_orderpriority, 'Clerk#' || " + AnyOf("o", 35, 1000) +
                     " AS o_clerk, 0::INTEGER AS o_shippriority, " + Words("o", 36) +
                     " AS o_comment FROM range(" + count(1500000) + ") t(o)"},
      {"lineitem",
       "SELECT *, CASE WHEN l_receiptdate <= DATE '1995-06-17' THEN " +
           AnyOf("l_partkey + l_quantity", 45, "['R', 'A']") +
           " ELSE 'N' END AS l_returnflag, CASE WHEN l_shipdate > DATE '1995-06-17' THEN "
           "'O' ELSE 'F' END AS l_linestatus FROM (SELECT o AS l_orderkey, (hash(x, 40) "
           "% " +
           count(200000) + ")::BIGINT + 1 AS l_partkey, (l_partkey - 1 + " +
           AnyOf("x", 41, 4) + " * (" + count(10000) + " // 4)) % " + count(10000) +
           " + 1 AS l_suppkey, (x % 4 + 1)::INTEGER AS l_linenumber, (" +
           AnyOf("x", 42, 50) +
           " + 1)::DECIMAL(15, 2) AS l_quantity, (l_quantity * 1.37 * (900 + l_partkey % "
           "1000))::DECIMAL(15, 2) AS l_extendedprice, (" +
           AnyOf("x", 43, 11) + " / 100)::DECIMAL(15, 2) AS l_discount, (" +
           AnyOf("x", 44, 9) + " / 100)::DECIMAL(15, 2) AS l_tax, (" + order_day +
           " + 1 + " + AnyOf("x", 46, 121) + ")::DATE AS l_shipdate, (" + order_day +
           " + 30 + " + AnyOf("x", 47, 61) +
           ")::DATE AS l_commitdate, (l_shipdate + 1 + " + AnyOf("x", 48, 30) +
           ")::DATE AS l_receiptdate, " + AnyOf("x", 49, instructions) +
           " AS l_shipinstruct, " + AnyOf("x", 60, modes) + " AS l_shipmode, " +
           Words("x", 61) + " AS l_comment FROM (SELECT x, x // 4 AS o FROM range(4 * " +
           count(1500000) + ") t(x)))"}};
}

// Each has but one right answer and one order of its rows.
inline const std::array<std::string, 22>& TpchQueries() {
  static const std::array<std::string, 22> queries = {
      R"(SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice),
  sum(l_extendedprice * (1 - l_discount)),
  sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), round(avg(l_quantity), 9),
  round(avg(l_extendedprice), 9), round(avg(l_discount), 9), count(*)
FROM lineitem WHERE l_shipdate <= DATE '1998-09-02'
GROUP BY ALL ORDER BY ALL)",
      R"(SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM part, supplier, partsupp, nation, region
WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15
  AND p_type LIKE '%BRASS' AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey
  AND r_name = 'EUROPE' AND ps_supplycost = (
    SELECT min(ps_supplycost) FROM partsupp, supplier, nation, region
    WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey
      AND n_regionkey = r_regionkey AND r_name = 'EUROPE')
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100)",
      R"(SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate,
  o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
  AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
GROUP BY l_orderkey, o_orderdate, o_shippriority
ORDER BY revenue DESC, o_orderdate, l_orderkey LIMIT 10)",
      R"(SELECT o_orderpriority, count(*) FROM orders
WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < DATE '1993-10-01' AND EXISTS (
  SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
GROUP BY ALL ORDER BY ALL)",
      R"(SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM customer, orders, lineitem, supplier, nation, region
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey
  AND c_nationkey = s_nationkey AND s_nationkey = n_nationkey
  AND n_regionkey = r_regionkey AND r_name = 'ASIA' AND o_orderdate >= DATE '1994-01-01'
  AND o_orderdate < DATE '1995-01-01'
GROUP BY n_name ORDER BY revenue DESC)",
      R"(SELECT sum(l_extendedprice * l_discount) FROM lineitem
WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
  AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24)",
      R"(SELECT supplier_nation, customer_nation, year, sum(volume) FROM (
  SELECT n1.n_name AS supplier_nation, n2.n_name AS customer_nation,
    year(l_shipdate) AS year, l_extendedprice * (1 - l_discount) AS volume
  FROM supplier, lineitem, orders, customer, nation n1, nation n2
  WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey
    AND s_nationkey = n1.n_nationkey AND c_nationkey = n2.n_nationkey
    AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY')
      OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE'))
    AND l_shipdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31')
GROUP BY ALL ORDER BY ALL)",
      R"(SELECT year, sum(CASE WHEN nation = 'BRAZIL' THEN volume ELSE 0 END), sum(volume)
FROM (SELECT year(o_orderdate) AS year, l_extendedprice * (1 - l_discount) AS volume,
    n2.n_name AS nation
  FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
  WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey
    AND o_custkey = c_custkey AND c_nationkey = n1.n_nationkey
    AND n1.n_regionkey = r_regionkey AND r_name = 'AMERICA'
    AND s_nationkey = n2.n_nationkey
    AND o_orderdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
    AND p_type = 'ECONOMY ANODIZED STEEL')
GROUP BY ALL ORDER BY ALL)",
      R"(SELECT nation, year, sum(amount) FROM (
  SELECT n_name AS nation, year(o_orderdate) AS year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation
  WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey
    AND p_partkey = l_partkey AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey
    AND p_name LIKE '%green%')
GROUP BY ALL ORDER BY nation, year DESC)",
      R"(SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue,
  c_acctbal, n_name, c_address, c_phone, c_comment
FROM customer, orders, lineitem, nation
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey
  AND o_orderdate >= DATE '1993-10-01' AND o_orderdate < DATE '1994-01-01'
  AND l_returnflag = 'R' AND c_nationkey = n_nationkey
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
ORDER BY revenue DESC, c_custkey LIMIT 20)",
      R"(SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value
FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY'
GROUP BY ps_partkey HAVING value > (
  SELECT sum(ps_supplycost * ps_availqty) * 0.0001 FROM partsupp, supplier, nation
  WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY')
ORDER BY value DESC, ps_partkey)",
      R"(SELECT l_shipmode,
  sum(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END),
  sum(CASE WHEN o_orderpriority NOT IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END)
FROM orders, lineitem
WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP')
  AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate
  AND l_receiptdate >= DATE '1994-01-01' AND l_receiptdate < DATE '1995-01-01'
GROUP BY ALL ORDER BY ALL)",
      R"(SELECT orders_of_one, count(*) AS customers FROM (
  SELECT c_custkey, count(o_orderkey) AS orders_of_one
  FROM customer LEFT JOIN orders ON c_custkey = o_custkey
    AND o_comment NOT LIKE '%special%requests%'
  GROUP BY c_custkey)
GROUP BY ALL ORDER BY customers DESC, orders_of_one DESC)",
      R"(SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%'
  THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
  / sum(l_extendedprice * (1 - l_discount))
FROM lineitem, part
WHERE l_partkey = p_partkey AND l_shipdate >= DATE '1995-09-01'
  AND l_shipdate < DATE '1995-10-01')",
      R"(WITH revenue AS (
  SELECT l_suppkey AS supplier_no, sum(l_extendedprice * (1 - l_discount)) AS total
  FROM lineitem
  WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01'
  GROUP BY l_suppkey)
SELECT s_suppkey, s_name, s_address, s_phone, total FROM supplier, revenue
WHERE s_suppkey = supplier_no AND total = (SELECT max(total) FROM revenue)
ORDER BY s_suppkey)",
      R"(SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS suppliers
FROM partsupp, part
WHERE p_partkey = ps_partkey AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POL%'
  AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9) AND ps_suppkey NOT IN (
    SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY ALL ORDER BY suppliers DESC, p_brand, p_type, p_size)",
      R"(SELECT sum(l_extendedprice) / 7.0 FROM lineitem, part
WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container = 'MED BOX'
  AND l_quantity < (
    SELECT 0.2 * avg(l_quantity) FROM lineitem WHERE l_partkey = p_partkey))",
      R"(SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity)
FROM customer, orders, lineitem
WHERE o_orderkey IN (
    SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 180)
  AND c_custkey = o_custkey AND o_orderkey = l_orderkey
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
ORDER BY o_totalprice DESC, o_orderdate, o_orderkey LIMIT 100)",
      R"(SELECT sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part
WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'REG AIR')
  AND l_shipinstruct = 'DELIVER IN PERSON' AND (
    (p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
      AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5)
    OR (p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG')
      AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10)
    OR (p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK')
      AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15)))",
      R"(SELECT s_name, s_address FROM supplier, nation
WHERE s_suppkey IN (
    SELECT ps_suppkey FROM partsupp
    WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%')
      AND ps_availqty > (
        SELECT 0.5 * sum(l_quantity) FROM lineitem
        WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey
          AND l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'))
  AND s_nationkey = n_nationkey AND n_name = 'CANADA'
ORDER BY s_name)",
      R"(SELECT s_name, count(*) AS waits FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F'
  AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey
    AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT * FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey
    AND l3.l_suppkey <> l1.l_suppkey AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY s_name ORDER BY waits DESC, s_name LIMIT 100)",
      R"(SELECT code, count(*), sum(c_acctbal) FROM (
  SELECT c_phone[1:2] AS code, c_acctbal FROM customer
  WHERE c_phone[1:2] IN ('13', '31', '23', '29', '30', '18', '17') AND c_acctbal > (
      SELECT avg(c_acctbal) FROM customer WHERE c_acctbal > 0.00
        AND c_phone[1:2] IN ('13', '31', '23', '29', '30', '18', '17'))
    AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey))
GROUP BY ALL ORDER BY ALL)"};
  return queries;
}

}  // namespace pinion::tests
