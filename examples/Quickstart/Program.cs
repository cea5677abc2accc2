Console.WriteLine("Records");
